import { SetMetadata } from '@nestjs/common';
import type { CommandType, ReadName } from '#tailnet';

/** The name of the metadata that says what a route needs. */
export const ACCESS = 'netfold:access';

/** What a route needs, by the tables of `#tailnet`: nothing, a right to read, or a right to one of these commands. */
export type Access =
  | { readonly kind: 'public' }
  | { readonly kind: 'read'; readonly what: ReadName }
  | { readonly kind: 'write'; readonly commands: readonly CommandType[] };

const needs = (access: Access) => SetMetadata(ACCESS, access);

/** Needs no token, and says nothing about any tailnet. */
export const Public = () => needs({ kind: 'public' });

/** Shows this. A route that only questions what there is reads too, whatever its method. */
export const Reads = (what: ReadName) => needs({ kind: 'read', what });

/** Gives one of these commands. Who may do none of them is refused at once; the rest is decided with the command. */
export const Writes = (...commands: readonly [CommandType, ...CommandType[]]) => needs({ kind: 'write', commands });
