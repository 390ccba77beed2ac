#!/bin/sh
# Writes into packaging/generated what releases carry and the program itself prints.
set -e
cd "$(dirname "$0")/.."

mkdir -p packaging/generated
binary=packaging/generated/streamdal-server
go build -o "$binary" .
for shell in bash zsh fish; do
	"$binary" completion "$shell" >"packaging/generated/completion.$shell"
done
"$binary" man >packaging/generated/streamdal-server.8
rm "$binary"
