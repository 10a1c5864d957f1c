/** What JSON can say. A member that is undefined is left out, as JSON.stringify does. */
export type JsonValue = null | boolean | number | string | readonly JsonValue[] | JsonObject;

export type JsonObject = { readonly [key: string]: JsonValue | undefined };
