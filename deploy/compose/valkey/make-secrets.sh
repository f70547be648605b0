#!/bin/sh
# Draws the passwords of Valkey into ./secrets, once. The folder is closed to others; containers have other users, and read its files.
set -eu
umask 077
if [ -e secrets/users.acl ]; then
  echo 'secrets are there already; remove ./secrets to draw others'
  exit 0
fi
mkdir -p secrets
password=$(openssl rand -hex 16)
printf 'redis://headgate:%s@valkey:6379\n' "$password" > secrets/redis-url
cat > secrets/users.acl << ACL
user default on >$(openssl rand -hex 16) ~* &* +@all
user headgate on >$password resetkeys ~headgate:* resetchannels -@all +eval +evalsha +time +mget +set +setrange +del +zadd +zremrangebyscore +zcard +pexpire +info +client|setname
ACL
chmod 444 secrets/redis-url secrets/users.acl
