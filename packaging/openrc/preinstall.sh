#!/bin/sh
# Before installation and upgrade on Alpine. Both fail when there is one already, which is fine.

addgroup -S streamdal-server 2>/dev/null
adduser -S -D -H -h /var/lib/streamdal-server -s /sbin/nologin -G streamdal-server -g streamdal-server streamdal-server 2>/dev/null
exit 0
