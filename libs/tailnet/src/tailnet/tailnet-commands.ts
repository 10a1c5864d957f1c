import type { Settings } from './settings.js';

export interface TailnetCommands {
  CreateTailnet: {
    readonly tailnetId: string;
    readonly name: string;
    readonly dnsSuffix: string;
    /** Base64 of the 5 random bytes of the ULA's global id (RFC 4193, 3.2). */
    readonly ulaBytes: string;
  };
  /** Changes what it names and leaves the rest. */
  ChangeSettings: Readonly<Partial<Settings>>;
  /** Lets events of a release level be written: each server at work reads them. */
  RaiseReleaseFloor: { readonly level: number; readonly release: string };
}
