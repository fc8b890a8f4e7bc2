#!/bin/busybox sh
# The first process of a phone's Linux: types AT commands at the modem on the second serial port and prints what is said, then
# pings it, on the network card. The command line gives ADDRESS and PEER, to talk by, and PINGS.
/bin/busybox --install -s /bin
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev
while read -r module; do insmod "/lib/modules/$module.ko"; done < /lib/modules/order

stty -F /dev/ttyS1 raw -echo
exec 3<> /dev/ttyS1

# Types a command, and prints lines that are not empty until one of them is final.
command() {
  printf '%s\r' "$1" >&3
  echo "modem > $1"
  while read -r -t 5 line <&3; do
    line=$(printf '%s' "$line" | tr -d '\r')
    case $line in
      '' | "$1") continue ;;
    esac
    echo "modem < $line"
    case $line in
      OK | ERROR | 'NO CARRIER') return ;;
    esac
  done
  echo 'modem: no answer'
}

for typed in AT ATE0 ATI AT+CSQ 'AT+COPS?' 'ATD+4912345;' AT+CPAS ATH ATD12345 AT+NOSUCH; do command "$typed"; done

ip address add "$ADDRESS" dev eth0 && ip link set eth0 up
ping -A -c "${PINGS:-20}" "$PEER"
ping -A -c "${PINGS:-20}" -s 1400 "$PEER"

echo 'taco: all is said'
setsid cttyhack sh
poweroff -f
