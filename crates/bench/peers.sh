#!/bin/sh
# Installs the programs that `cargo xtask bench` compares with, on Debian and its kin.
set -eu
apt-get install -y bsdextrautils bvi grep hexedit le python3-numpy tweak ugrep vbindiff xdelta3 xxd
cargo install heh hexyl ripgrep
cargo install biodiff --no-default-features
