#!/bin/sh
# After installation and upgrade, on Debian and RPM systems. Their arguments differ; this does the same for both.
set -e

token=/etc/streamdal-server/auth-token
if [ ! -s "$token" ]; then
	(umask 077 && /usr/bin/streamdal-server token >"$token")
fi

if [ -d /run/systemd/system ]; then
	systemctl daemon-reload || true
	systemctl try-restart streamdal-server.service || true # its log says why; the files are installed
	systemctl is-enabled --quiet streamdal-server.service || cat <<TEXT
Start it with: systemctl enable --now streamdal-server
The token for SDKs and the Console is in $token.
TEXT
fi
