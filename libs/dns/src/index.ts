export type { NameRoutes } from './name-routes.js';
export { type Exchange, Resolver, type ResolverPorts } from './resolver.js';
export { reverseName } from './reverse-name.js';
export { type ExtraRecord, type NamedNode, Zone, type ZoneSettings } from './zone.js';
