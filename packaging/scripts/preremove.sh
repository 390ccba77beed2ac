#!/bin/sh
# Before the old files go. An upgrade needs nothing here: it restarts the service when the new files are there.
set -e

case "$1" in
upgrade | failed-upgrade) exit 0 ;; # Debian
1) exit 0 ;;                        # RPM: one version stays
esac

if [ -d /run/systemd/system ]; then
	systemctl disable --now streamdal-server.service || true # or the package could never be removed
fi
