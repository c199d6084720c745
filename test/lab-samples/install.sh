#!/bin/sh
# Puts the clients that print the samples, in the versions pinned in clients/, into a folder: sh install.sh FOLDER NODE
# Wants Debian 12 with Python 3.11, pip, npm, Go, Maven, a JDK 17, cargo, Ruby and PHP. Debian's own clients are unpacked, not installed.
set -eu
folder=$1
node=$2
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$folder/bin" "$folder/home" "$folder/debian/archives/partial"
cp -r "$here/clients/." "$folder/"
cp "$node" "$folder/bin/node"

cd "$folder/python"
for year in '' -2022; do
  python3.11 -m pip install --quiet --root-user-action ignore --target "site-packages$year" --only-binary :all: --requirement "requirements$year.txt"
done

cd "$folder/node"
npm install --no-audit --no-fund --ignore-scripts --loglevel error

cd "$folder/debian"
apt-get -o Dir::Cache::archives="$PWD/archives" --yes --download-only --no-install-recommends install \
  redis-tools mariadb-client-core kcat ruby-faraday php-guzzlehttp-guzzle php8.2-curl mono-mcs >apt.log
for archive in archives/*.deb; do dpkg-deb --extract "$archive" root; done
for archive in archives/*.deb; do dpkg-deb --showformat '${Package} ${Version}\n' --show "$archive"; done >versions.txt

cd "$folder/java"
mvn -q -B dependency:copy-dependencies -DoutputDirectory=lib
javac -cp 'lib/*' -d classes App.java

cd "$folder/go"
CGO_ENABLED=0 go build -trimpath -o exporter .

cd "$folder/rust"
cargo build --quiet --release
cp target/release/exporter exporter

cd "$folder/dotnet"
sh build.sh "$folder/debian/tree"
