export * from './constants.js';
export type { EngineConfiguration } from './device/configuration.js';
export type { Device, IndexOwner } from './device/device.js';
export type { DropReason } from './device/drop-counters.js';
export type { Ready } from './device/fast-lane.js';
export type { SendOutcome } from './device/outbox.js';
export type { PeerChanges, PeerConfig } from './device/peer-config.js';
export type { EngineStatus, PeerStatus } from './device/status.js';
export type { Effects, EngineEvent, PeerView } from './effects.js';
export { Engine, type EngineOptions } from './engine.js';
export {
  COOKIE_REPLY,
  HANDSHAKE_LENGTHS,
  INITIATION,
  type MessageKind,
  messageKind,
  RESPONSE,
  TRANSPORT,
} from './messages.js';
export type { PresharedKeyUse, TransportKeys } from './noise/transport-keys.js';
export type { Path } from './path.js';
export type { Peer } from './peer/peer.js';
export { IndexTable } from './session/index-table.js';
export { Keypair, type Role } from './session/keypair.js';
export { ReplayWindow } from './session/replay-window.js';
export { AllowedIps } from './transport/allowed-ips.js';
export { type AddressLayout, addressLayout, packetLength } from './transport/ip-packet.js';
export { type OpenFailure, openTransport, paddedLength, sealTransport } from './transport/transport-message.js';
export { answerUapi } from './uapi/uapi.js';
export type { UapiDevice } from './uapi/uapi-device.js';
export type { UapiRefusal } from './uapi/uapi-errno.js';
export type { UapiHost } from './uapi/uapi-host.js';
export { UapiReader } from './uapi/uapi-reader.js';
export { formatWgConf, type WgConfOptions } from './uapi/wg-conf.js';
