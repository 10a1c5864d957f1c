import { NetfoldError } from '#kernel';
import { close, ioctl, lastError, O_CLOEXEC, O_NONBLOCK, O_RDWR, open, SystemMemory } from '../system/libc.js';

// linux/if_tun.h and linux/if.h.
const DEVICE = '/dev/net/tun';
const TUNSETIFF = 0x400454ca;
const IFF_TUN = 0x0001;
const IFF_NO_PI = 0x1000;
const IFF_VNET_HDR = 0x4000;
const TUNSETOFFLOAD = 0x400454d0;
const IFNAMSIZ = 16;
const IFREQ_FLAGS = 16;
const IFREQ_SIZE = 40;

/** What a TUN interface leaves to its user (TUN_F_* of linux/if_tun.h). */
export const TUN_OFFLOAD = { checksum: 0x01, tcp4: 0x02, tcp6: 0x04, udp4: 0x20, udp6: 0x40 } as const;
// Segmentation of UDP needs Linux 6.2; whatever else is refused, packets without checksums never are.
const OFFLOADS = [0x67, 0x07, 0x01];

export interface TunDevice {
  readonly fd: number;
  readonly name: string;
  /** What the interface leaves to its user, as bits of `TUN_OFFLOAD`; each packet then has a `virtio_net_hdr` before it. */
  readonly offloads: number;
}

/**
 * Makes a TUN interface, or takes over a persistent one. Reads and writes on it do not block.
 * @param offload whether packets come with a `virtio_net_hdr`, and as large as the kernel makes them
 * @throws NetfoldError `host.no_tun`, `host.need_root`, `host.interface_in_use`, `host.bad_interface_name`, `host.tun_failed`
 */
export function openTunDevice(wanted: string, offload = false): TunDevice {
  if (!isInterfaceName(wanted)) throw badName(wanted);
  const fd = open(DEVICE, O_RDWR | O_NONBLOCK | O_CLOEXEC);
  if (fd < 0) throw deviceFailure(lastError());
  const request = new SystemMemory(IFREQ_SIZE);
  request.bytes.set(Buffer.from(wanted));
  request.view.setUint16(IFREQ_FLAGS, IFF_TUN | IFF_NO_PI | (offload ? IFF_VNET_HDR : 0), true);
  if (ioctl(fd, TUNSETIFF, request.address) < 0) {
    const error = lastError();
    close(fd);
    throw interfaceFailure(wanted, error);
  }
  const name = Buffer.from(request.bytes.subarray(0, IFNAMSIZ)).toString();
  const offloads = offload ? (OFFLOADS.find((bits) => ioctl(fd, TUNSETOFFLOAD, bits) === 0) ?? 0) : 0;
  return { fd, name: name.slice(0, name.indexOf('\0')), offloads };
}

/** What the kernel takes as a name, and no tool mistakes for something else. */
export const isInterfaceName = (name: string): boolean =>
  /^[A-Za-z0-9][A-Za-z0-9_.%-]*$/.test(name) && name.length < IFNAMSIZ;

const badName = (name: string): NetfoldError =>
  new NetfoldError({
    code: 'host.bad_interface_name',
    message: `${JSON.stringify(name)} cannot name a network interface`,
    hint: 'use at most 15 letters, digits, dots, dashes and underscores, such as netfold0',
  });

const NO_ROOT = 'run as root or with CAP_NET_ADMIN, or start with --userspace, which needs neither';

function deviceFailure(error: string): NetfoldError {
  if (error === 'EACCES' || error === 'EPERM') {
    return new NetfoldError({ code: 'host.need_root', message: `${DEVICE} may not be opened`, hint: NO_ROOT });
  }
  return new NetfoldError({
    code: 'host.no_tun',
    message: `${DEVICE} cannot be opened: ${error}`,
    hint: 'load the kernel module (modprobe tun), give the container the device (--device /dev/net/tun), or start with --userspace',
  });
}

function interfaceFailure(name: string, error: string): NetfoldError {
  if (error === 'EPERM' || error === 'EACCES') {
    return new NetfoldError({ code: 'host.need_root', message: `${name} may not be created`, hint: NO_ROOT });
  }
  if (error === 'EBUSY') {
    return new NetfoldError({
      code: 'host.interface_in_use',
      message: `the interface ${name} belongs to another running program`,
      hint: 'stop that program, or choose another interface name',
    });
  }
  if (error === 'EINVAL') {
    return new NetfoldError({
      code: 'host.interface_in_use',
      message: `there is an interface ${name} already, of another kind`,
      hint: 'choose another interface name',
    });
  }
  return new NetfoldError({ code: 'host.tun_failed', message: `the interface ${name} cannot be created: ${error}` });
}
