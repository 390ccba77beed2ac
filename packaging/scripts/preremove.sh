#!/bin/sh
# Before removal; an upgrade restarts the service afterwards.
set -e

case "$1" in
remove | 0)
	if [ -d /run/systemd/system ]; then
		systemctl disable --now streamdal-server.service
	fi
	;;
esac
