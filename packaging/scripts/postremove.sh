#!/bin/sh
# After the files are gone.
set -e

if [ -d /run/systemd/system ]; then
	systemctl daemon-reload || true
fi

if [ "$1" = purge ]; then # Debian
	rm -f /etc/streamdal-server/auth-token
	rmdir /etc/streamdal-server 2>/dev/null || true
	if [ -e /var/lib/streamdal-server ]; then
		echo "The rules are still there. Delete them with: rm -r /var/lib/streamdal-server /var/lib/private/streamdal-server"
	fi
fi
