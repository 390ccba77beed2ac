#!/bin/sh
# Before the files go. An upgrade does not run this.

if [ -d /run/openrc ]; then
	rc-service --ifstarted streamdal-server stop
	rc-update --quiet --all delete streamdal-server 2>/dev/null
fi
exit 0 # or the package could never be removed
