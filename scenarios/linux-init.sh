#!/bin/busybox sh
# The first process of the Linux guest. Its command line may give WORK, the number of words to work out and report, and FROM,
# the tenths of a second at which to begin; then comes a shell. Words are told to the harness by stores to the guest's
# monitor page, as every guest does it, here through /dev/mem.
/bin/busybox --install -s /bin
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev

monitor=0x$(ls /proc/device-tree/soc | sed -n 's/^monitor@//p')
OUTPUT=0x18 PHASE=0x20 END=0x60
tell() { devmem $((monitor + $1)) 64 "$2"; }

# Files, pipes, processes and a compressor: a word depends on nothing but its number.
word() {
  seq $(($1 * 100)) $(($1 * 100 + 300)) | sort -r | gzip > /tmp/packed
  set -- $(gunzip < /tmp/packed | md5sum)
  echo "${1%????????????????}"
}

tenths() { set -- $(sed 's/\.\(.\).*/\1/' /proc/uptime); echo "$1" | sed 's/^0*\(.\)/\1/'; }

echo "taco: /init $LEVEL"
if [ -n "$WORK" ]; then
  tell $PHASE 1
  while [ "$(tenths)" -lt "${FROM:-0}" ]; do usleep 10000; done
  index=0
  while [ $index -lt "$WORK" ]; do
    tell $OUTPUT "0x$(word $index)"
    index=$((index + 1))
  done
  tell $END 1
fi
uname -srm
setsid cttyhack sh
poweroff -f
