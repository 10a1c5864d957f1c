import { NetfoldError } from '#kernel';
import { close, ioctl, lastError, O_CLOEXEC, O_NONBLOCK, O_RDWR, open, SystemMemory } from '../system/libc.js';

// linux/if_tun.h and linux/if.h.
const DEVICE = '/dev/net/tun';
const TUNSETIFF = 0x400454ca;
const IFF_TUN = 0x0001;
const IFF_NO_PI = 0x1000;
const IFNAMSIZ = 16;
const IFREQ_FLAGS = 16;
const IFREQ_SIZE = 40;

/** Makes a TUN interface, or takes over a persistent one. Reads and writes on it do not block. */
export function openTunDevice(wanted: string): { readonly fd: number; readonly name: string } {
  if (!isInterfaceName(wanted)) throw badName(wanted);
  const fd = open(DEVICE, O_RDWR | O_NONBLOCK | O_CLOEXEC);
  if (fd < 0) throw deviceFailure(lastError());
  const request = new SystemMemory(IFREQ_SIZE);
  request.bytes.set(Buffer.from(wanted));
  request.view.setUint16(IFREQ_FLAGS, IFF_TUN | IFF_NO_PI, true);
  if (ioctl(fd, TUNSETIFF, request.address) < 0) {
    const error = lastError();
    close(fd);
    throw interfaceFailure(wanted, error);
  }
  const name = Buffer.from(request.bytes.subarray(0, IFNAMSIZ)).toString();
  return { fd, name: name.slice(0, name.indexOf('\0')) };
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
