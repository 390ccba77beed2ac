#!/bin/sh
# After the files are gone.
set -e

if [ -d /run/systemd/system ]; then
	systemctl daemon-reload || true
fi

if [ "$1" = purge ]; then # Debian
	rm -f /etc/streamdal-server/auth-token
	rmdir /etc/streamdal-server 2>/dev/null || true
	if [ -d /var/lib/private/streamdal-server ]; then
		echo "The rules are still in /var/lib/private/streamdal-server."
	fi
fi
