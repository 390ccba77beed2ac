#!/bin/sh
# After installation and upgrade on Alpine.
set -e

token=/etc/streamdal-server/auth-token
if [ ! -s "$token" ]; then
	(umask 077 && /usr/bin/streamdal-server token >"$token")
fi
chown root:streamdal-server "$token"
chmod 0640 "$token"

if [ -d /run/openrc ]; then
	rc-service --ifstarted streamdal-server restart || true # the log says why; the files are installed
	rc-update show | grep -q streamdal-server || cat <<TEXT
Start it with: rc-update add streamdal-server && rc-service streamdal-server start
The token for SDKs and the Console is in $token.
TEXT
fi
