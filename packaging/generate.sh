#!/bin/sh
# Writes into packaging/generated what releases carry and the program itself prints.
set -e
cd "$(dirname "$0")/.."

out=packaging/generated
rm -rf "$out"
mkdir -p "$out"
CGO_ENABLED=0 go build -trimpath -buildvcs=false -o "$out/program" . # as releases are built
for shell in bash zsh fish; do
	"$out/program" completion "$shell" >"$out/streamdal-server.$shell"
done
"$out/program" man >"$out/streamdal-server.8"
rm "$out/program"
# An apk carries the time of its scripts' files, which is when they were checked out.
TZ=UTC touch -t 200001010000 packaging/openrc/*
