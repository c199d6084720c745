#!/bin/sh
# .NET comes in a wheel and without a compiler; Mono's, unpacked from Debian's packages in $1, compiles against its libraries.
set -eu
root=$1
python3.11 -m pip install --quiet --root-user-action ignore --target runtime --only-binary :all: --requirement requirements.txt
chmod +x runtime/dotnetcore2/bin/dotnet
libraries=$(ls -d runtime/dotnetcore2/bin/shared/Microsoft.NETCore.App/*)
for name in System.Private.CoreLib System.Runtime System.Net.Http System.Console System.Private.Uri netstandard; do
  set -- "$@" "-r:$libraries/$name.dll"
done
shift
MONO_PATH=$root/usr/lib/mono/4.5 MONO_CFG_DIR=$root/etc "$root/usr/bin/mono-sgen" "$root/usr/lib/mono/4.5/mcs.exe" \
  -nostdlib -noconfig "$@" -out:App.dll App.cs
