// Writes events.v1.schema.json from the types of the domain themselves: `npm run gen` from the root of the repository.
// With --check it writes nothing, and fails when the file is not what would be written.
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, '../..');
const target = join(here, 'events.v1.schema.json');

const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), ts.sys.readFile);
const { options } = ts.parseJsonConfigFileContent(config, ts.sys, root);
const files = { domain: join(root, 'libs/tailnet/src/events.ts'), store: join(root, 'libs/event-store/src/event.ts') };
const program = ts.createProgram(Object.values(files), { ...options, noEmit: true, skipLibCheck: true });
const checker = program.getTypeChecker();

/** Named types that several events share, or that contain themselves. */
const defs = {};

function exported(file, name) {
  const source = program.getSourceFile(file);
  const symbol = checker.getExportsOfModule(checker.getSymbolAtLocation(source)).find((one) => one.name === name);
  if (!symbol) throw new Error(`${file} exports no ${name}`);
  return checker.getDeclaredTypeOfSymbol(symbol);
}

const docOf = (symbol) => ts.displayPartsToString(symbol.getDocumentationComment(checker)).replace(/\s+/g, ' ').trim();
const described = (schema, symbol) => {
  const description = docOf(symbol);
  return description ? { description, ...schema } : schema;
};

/** The name under which a type is shared, if it has one of its own in this repository. */
function nameOf(type) {
  const symbol = type.aliasSymbol ?? (type.flags & ts.TypeFlags.Object ? type.symbol : undefined);
  if (!symbol || symbol.name.startsWith('__') || type.aliasTypeArguments?.length) return undefined;
  const inHere = symbol.declarations?.some((one) => one.getSourceFile().fileName.startsWith(join(root, 'libs')));
  return inHere ? symbol.name : undefined;
}

function schemaOf(type) {
  if (type.flags & ts.TypeFlags.String) return { type: 'string' };
  if (type.flags & ts.TypeFlags.Number) return { type: 'number' };
  if (type.flags & ts.TypeFlags.Boolean) return { type: 'boolean' };
  if (type.flags & ts.TypeFlags.Null) return { type: 'null' };
  if (type.flags & ts.TypeFlags.BooleanLiteral) return { const: type.intrinsicName === 'true' };
  if (type.isLiteral()) return { const: type.value };
  const name = nameOf(type);
  if (!name || name === 'EventData') return inline(type);
  if (!(name in defs)) {
    defs[name] = {};
    const symbol = type.aliasSymbol ?? type.symbol;
    defs[name] = described(inline(type), symbol);
  }
  return { $ref: `#/$defs/${name}` };
}

function inline(type) {
  if (type.isUnion()) return unionOf(type.types.filter((one) => !(one.flags & ts.TypeFlags.Undefined)));
  if (checker.isArrayType(type) || checker.isTupleType(type)) {
    return { type: 'array', items: schemaOf(checker.getTypeArguments(type)[0]) };
  }
  const index = checker.getIndexInfoOfType(type, ts.IndexKind.String);
  if (index) return { type: 'object', additionalProperties: schemaOf(index.type) };
  if (!(type.flags & (ts.TypeFlags.Object | ts.TypeFlags.Intersection))) {
    throw new Error(`no schema for ${checker.typeToString(type)}`);
  }
  const properties = checker.getPropertiesOfType(type);
  const required = properties.filter((one) => !(one.flags & ts.SymbolFlags.Optional)).map((one) => one.name);
  return {
    type: 'object',
    properties: Object.fromEntries(
      properties.map((one) => [one.name, described(schemaOf(checker.getTypeOfSymbol(one)), one)]),
    ),
    ...(required.length > 0 && { required }),
  };
}

function unionOf(types) {
  const isFlag = (one) => one.flags & ts.TypeFlags.BooleanLiteral;
  const rest = types.filter(isFlag).length === 2 ? types.filter((one) => !isFlag(one)) : types;
  const flag = rest.length < types.length ? [{ type: 'boolean' }] : [];
  const literals = rest.filter((one) => one.isLiteral());
  const others = rest.filter((one) => !one.isLiteral());
  const choices = [
    ...flag,
    ...(literals.length > 0 ? [{ enum: literals.map(({ value }) => value) }] : []),
    ...others.map(schemaOf),
  ];
  return choices.length === 1 ? choices[0] : { anyOf: choices };
}

const EVENT = 'event:';
const envelope = inline(exported(files.store, 'LedgerEvent'));
// The hash stands in the header: it covers the rest.
delete envelope.properties.hash;
envelope.required = envelope.required.filter((name) => name !== 'hash');
envelope.properties.data = { description: 'What happened; its form depends on type and version.', type: 'object' };

const types = checker.getPropertiesOfType(exported(files.domain, 'EventData'));
const events = Object.fromEntries(
  types.map((symbol) => [
    EVENT + symbol.name,
    described(inline(checker.getTypeOfSymbol(symbol)), symbol),
  ]),
);

const sorted = (object) => Object.fromEntries(Object.entries(object).sort(([a], [b]) => (a < b ? -1 : 1)));
const schema = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  title: 'An event of a netfold ledger, as it stands in the value of a message on netfold.events.v1',
  description: 'Types, versions and members that are not listed here may come: a newer netfold writes them.',
  ...envelope,
  allOf: types.map(({ name }) => ({
    if: { properties: { type: { const: name }, version: { const: 1 } }, required: ['type', 'version'] },
    // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
    then: { properties: { data: { $ref: `#/$defs/${EVENT}${name}` } } },
  })),
  $defs: { ...sorted(events), ...sorted(defs) },
};

const text = `${JSON.stringify(schema, null, 2)}\n`;
if (!process.argv.includes('--check')) writeFileSync(target, text);
else if (readFileSync(target, 'utf8') !== text) {
  console.error('proto/events/events.v1.schema.json is not what the types say: run npm run gen');
  process.exit(1);
}
