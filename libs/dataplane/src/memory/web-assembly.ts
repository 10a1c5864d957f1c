/** The part of WebAssembly that is used here: TypeScript knows of it only together with all of a browser. */
interface WebAssemblyNamespace {
  readonly Memory: new (limits: { initial: number; maximum: number }) => WasmMemory;
  readonly Module: new (bytes: Uint8Array<ArrayBuffer>) => object;
  readonly Instance: new (
    module: object,
    imports: Record<string, Record<string, unknown>>,
  ) => {
    readonly exports: Record<string, unknown>;
  };
}

export interface WasmMemory {
  readonly buffer: ArrayBuffer;
}

export const webAssembly = Reflect.get(globalThis, 'WebAssembly') as WebAssemblyNamespace;
