import type { Evolvers } from '../evolver.js';
import type { TailnetEvents } from './tailnet-events.js';

export const evolveTailnet: Evolvers<TailnetEvents> = {
  TailnetCreated: (state, { tailnetId, name, dnsSuffix, ula }, { recordedAt }) => ({
    ...state,
    tailnet: { id: tailnetId, name, dnsSuffix, ula, createdAt: recordedAt },
  }),

  SettingsChanged: (state, { deviceApproval, keyExpiry, keyRotation, ipv4Pool }) => ({
    ...state,
    settings: {
      deviceApproval: deviceApproval ?? state.settings.deviceApproval,
      keyExpiry: keyExpiry === undefined ? state.settings.keyExpiry : keyExpiry,
      keyRotation: keyRotation === undefined ? state.settings.keyRotation : keyRotation,
      ipv4Pool: ipv4Pool ?? state.settings.ipv4Pool,
    },
  }),

  ReleaseFloorRaised: (state, { level }) => ({ ...state, floor: Math.max(state.floor, level) }),
};
