#!/bin/busybox sh
# The first process of the Linux guest. Its command line may give WORK, the number of words to work out and report, and FROM,
# the tenths of a second at which to begin; then comes a shell. Words are told to the harness by stores to the guest's
# monitor page, as every guest does it, here through /dev/mem.
/bin/busybox --install -s /bin
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev

# Where the device tree has the one of that name: unit address in hexadecimal.
address() { echo "0x$(ls "/proc/device-tree/$1" | sed -n "s/^$2@//p")"; }
monitor=$(address soc monitor)
OUTPUT=0x18 PHASE=0x20 BUG=0x40 TARGET=0x48 VALUE=0x50 END=0x60 REPORT=0x68
tell() { devmem $((monitor + $1)) 64 "$2"; }
read_word() { devmem $((monitor + $1)) 64; }

# Copies a page of its own memory to the target by its DMA channel.
copy() {
  channel=$(address soc dma)
  devmem $((channel + 0x00)) 64 "$(address . memory)"
  devmem $((channel + 0x08)) 64 "$1"
  devmem $((channel + 0x10)) 64 4096
  devmem $((channel + 0x18)) 32 1
}

bomb() { bomb | bomb & }

# The directed bugs, by their numbers in src/guests/saboteur/saboteur.h: what root may do wrong.
sabotage() {
  target=$(read_word $TARGET) value=$(read_word $VALUE)
  case $(($1)) in
    1) devmem "$target" 64 "$value" ;;
    2) devmem "$target" 32 "$value" ;;
    3) tell $REPORT "$(devmem "$target" 64)" ;;
    4) poweroff -f ;;
    6) copy "$target" ;;
    8) while :; do echo flood; done ;;
    11) echo c > /proc/sysrq-trigger ;;
    15) while :; do :; done ;;
    32)
      echo 1 > /proc/sys/vm/overcommit_memory
      while :; do dd if=/dev/zero of=/dev/null bs=256M; done
      ;;
    33) bomb ;;
    34)
      echo -1 > /proc/sys/kernel/sched_rt_runtime_us
      chrt -f 99 sh -c 'while :; do :; done'
      ;;
  esac
}

# The harness stops at this sync(2), which nobody else calls, before it writes to the mailbox. A bug acts once.
poll() {
  sync
  [ $((bug)) -eq 0 ] || return 0
  bug=$(read_word $BUG)
  [ $((bug)) -eq 0 ] || sabotage "$bug"
}

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
    poll
    tell $OUTPUT "0x$(word $index)"
    index=$((index + 1))
  done
  tell $END 1
fi
uname -srm
setsid cttyhack sh
poweroff -f
