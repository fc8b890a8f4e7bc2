#!/bin/busybox sh
# The first process of a Linux guest that does application work: Debian's tests of real-time kernels, files on its disk, and
# packets to its peer, as far as it has them. A mark on the guest's monitor page before and after each tool has its time by
# the machine's clock; what the tool said comes after that, between two lines of ours. The command line may say how much:
# LOOPS of cyclictest, MESSAGES of each sender of hackbench, BLOCKS of a file, PINGS; and ADDRESS and PEER, to talk by.
/bin/busybox --install -s /bin
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev
mkdir -p /dev/shm /mnt
mount -t tmpfs tmpfs /dev/shm
while read -r module; do insmod "/lib/modules/$module.ko"; done < /lib/modules/order

monitor=0x$(ls /proc/device-tree/soc | sed -n 's/^monitor@//p')
PHASE=0x20 END=0x60
tell() { devmem $((monitor + $1)) 64 "$2"; }

# NUMBER NAME COMMAND...: numbers and names are those of src/cost/apps/apps.ts.
measure() {
  number=$1 name=$2
  shift 2
  tell $PHASE $((number * 2))
  "$@" > /tmp/said 2>&1
  status=$?
  tell $PHASE $((number * 2 + 1))
  echo "taco: begin $name"
  cat /tmp/said
  echo "taco: end $name $status"
}
without() { echo "taco: without $1: $2"; }

# Not the period of anybody else, so that it meets the other's jobs in every phase.
measure 1 cyclictest cyclictest --quiet --mlockall --priority=80 --interval=1009 --loops="${LOOPS:-200}"
measure 2 hackbench hackbench -g 1 -f 5 -l "${MESSAGES:-100}"

if [ -b /dev/vda ] && mkdosfs /dev/vda > /tmp/said 2>&1 && mount -t vfat /dev/vda /mnt; then
  measure 3 write dd if=/dev/zero of=/mnt/file bs=4k count="${BLOCKS:-128}" conv=fsync
  # Of the file, nothing is left in memory.
  umount /mnt && mount -t vfat /dev/vda /mnt
  measure 4 read dd if=/mnt/file of=/dev/null bs=4k
  umount /mnt
else
  without write 'no disk that takes a file system'
  without read 'no disk that takes a file system'
fi

if [ -n "$PEER" ] && ip address add "$ADDRESS" dev eth0 && ip link set eth0 up; then
  measure 5 ping ping -A -c "${PINGS:-20}" "$PEER"
  measure 6 bulk ping -A -c "${PINGS:-20}" -s 1400 "$PEER"
else
  without ping 'no peer'
  without bulk 'no peer'
fi

echo 'taco: all work is done'
tell $END 1
setsid cttyhack sh
poweroff -f
