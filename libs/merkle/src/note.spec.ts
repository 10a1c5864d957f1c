import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { NativeCrypto } from '#crypto/native';
import { fromBase64, NetfoldError, toBase64 } from '#kernel';
import { openCheckpoint, signCheckpoint } from './checkpoint.js';
import { noteSigner, openNote, signNote } from './note.js';
import { formatVerifierKey, parseVerifierKey } from './verifier-key.js';

const crypto = new NativeCrypto();
const coded = (code: string) => expect.objectContaining({ code });

describe('the example of golang.org/x/mod/sumdb/note', () => {
  const VKEY = 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW';
  const SEED = fromBase64('AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz')?.slice(1) ?? new Uint8Array();
  const TEXT = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n";
  const LINE =
    '— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n';
  const key = parseVerifierKey(crypto, VKEY);
  const signer = noteSigner(crypto, 'PeterNeumann', SEED);

  test('is read, and written as it is', () => {
    expect(signer.key).toEqual(key);
    expect(formatVerifierKey(key)).toBe(VKEY);
    expect(signNote(TEXT, signer)).toBe(`${TEXT}\n${LINE}`);
    expect(openNote(crypto, `${TEXT}\n${LINE}`, [key])).toBe(TEXT);
  });

  test('a text may have empty lines; the signatures are below the last one', () => {
    const text = 'one\n\n— PeterNeumann is not here\n\n\ntwo\n';
    expect(openNote(crypto, signNote(text, signer), [key])).toBe(text);
  });

  test('other signatures are passed over, also under the same name or the same id', () => {
    const others = ['someone.else x08go/8=', 'PeterNeumann AAAAAP8='].map((words) => `— ${words}\n`).join('');
    expect(openNote(crypto, `${TEXT}\n${others}${LINE}${others}`, [key])).toBe(TEXT);
    expect(() => openNote(crypto, `${TEXT}\n${others}`, [key])).toThrow(coded('note.unsigned'));
    expect(() => openNote(crypto, `${TEXT}\n${LINE}`, [])).toThrow(coded('note.unsigned'));
  });

  test('a wrong signature of a known key makes the whole note wrong', () => {
    const wrong = LINE.replace('8go/ZJ', '8go/ZK');
    for (const lines of [wrong, LINE + wrong, wrong + LINE, '— PeterNeumann x08go/8=\n']) {
      expect(() => openNote(crypto, `${TEXT}\n${lines}`, [key])).toThrow(coded('note.bad_signature'));
    }
    expect(() => openNote(crypto, `X${TEXT}\n${LINE}`, [key])).toThrow(coded('note.bad_signature'));
  });

  test.each([
    ['nothing', ''],
    ['no signature', TEXT],
    ['no blank line', TEXT + LINE],
    ['no text', `\n${LINE}`],
    ['no newline at the end', `${TEXT}\n${LINE.slice(0, -1)}`],
    ['text below the signature', `${TEXT}\n${LINE}more\n`],
    ['a dash for another', `${TEXT}\n${LINE.replace('—', '-')}`],
    ['no base64', `${TEXT}\n${LINE.replace('x08go', 'x0+*o')}`],
    ['too short a signature', `${TEXT}\n— PeterNeumann x08gow==\n`],
    ['a control character', `${TEXT}\t\n\n${LINE}`],
    ['a carriage return', `${TEXT}\n${LINE}`.replaceAll('\n', '\r\n')],
    ['half a character', `\ud800\n\n${LINE}`],
    ['too much', `${'long\n'.repeat(20_000)}\n${LINE}`],
  ])('%s is no note', (_, note) => {
    expect(() => openNote(crypto, note, [key])).toThrow(coded('note.malformed'));
  });

  test('only lines of text are signed', () => {
    for (const text of ['', 'no end', 'a\tb\n', '\udc00\n']) {
      expect(() => signNote(text, signer)).toThrow(coded('note.malformed'));
    }
    for (const name of ['', 'two words', 'a+b', 'a\u00a0b', 'a\u2003b', 'a\nb']) {
      expect(() => noteSigner(crypto, name, SEED)).toThrow(coded('note.bad_key'));
    }
  });

  test('no part of a key is a key, nor one with a character changed', () => {
    for (let start = 0; start < VKEY.length; start++) {
      expect(() => parseVerifierKey(crypto, VKEY.slice(start + 1))).toThrow(coded('note.bad_key'));
      expect(() => parseVerifierKey(crypto, VKEY.slice(0, start))).toThrow(coded('note.bad_key'));
      const next = String.fromCharCode(VKEY.charCodeAt(start) + 1);
      const changed = VKEY.slice(0, start) + next + VKEY.slice(start + 1);
      expect(() => parseVerifierKey(crypto, changed)).toThrow(coded('note.bad_key'));
    }
    expect(() =>
      parseVerifierKey(crypto, 'PeterNeumann+cc469956+ABpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW'),
    ).toThrow(coded('note.bad_key'));
  });
});

describe('checkpoints', () => {
  const signer = noteSigner(crypto, 'netfold/tailnet-1', new Uint8Array(32).fill(7));
  const root = new Uint8Array(32).fill(9);
  const signed = signCheckpoint({ size: 20_852_163, root }, signer);
  const open = (note: string) => openCheckpoint(crypto, note, signer.key);

  test('come back as they were signed', () => {
    expect(signed.split('\n').slice(0, 4)).toEqual(['netfold/tailnet-1', '20852163', toBase64(root), '']);
    expect(open(signed)).toEqual({ origin: 'netfold/tailnet-1', size: 20_852_163, root });
  });

  test('further lines are allowed', () => {
    const text = `netfold/tailnet-1\n0\n${toBase64(root)}\nsomething new\n`;
    expect(open(signNote(text, signer)).size).toBe(0);
  });

  test.each([
    ['an empty origin', `\n5\n${toBase64(root)}\n`],
    ['no root', 'netfold/tailnet-1\n5\n'],
    ['a short root', 'netfold/tailnet-1\n5\nAAAA\n'],
    ['a root with loose bits', `netfold/tailnet-1\n5\n${toBase64(root).replace('k=', 'l=')}\n`],
    ['an empty line', `netfold/tailnet-1\n5\n${toBase64(root)}\n\nmore\n`],
    ...['05', '-1', '1.5', '1e3', '', '99999999999999999', '9007199254740992'].map((size): [string, string] => [
      `the size ${JSON.stringify(size)}`,
      `netfold/tailnet-1\n${size}\n${toBase64(root)}\n`,
    ]),
  ])('%s is refused', (_, text) => {
    expect(() => open(signNote(text, signer))).toThrow(coded('checkpoint.malformed'));
  });

  test('one of another log is refused, though the key has signed it', () => {
    expect(() => open(signNote(`netfold/other\n5\n${toBase64(root)}\n`, signer))).toThrow(
      coded('checkpoint.wrong_origin'),
    );
  });

  test('whatever is changed in one, it is refused with a code', () => {
    const refused = (note: string) => {
      try {
        open(note);
        return false;
      } catch (error) {
        return error instanceof NetfoldError && /^(note|checkpoint)\./.test(error.code);
      }
    };
    fc.assert(
      fc.property(fc.nat(signed.length - 1), fc.string({ unit: 'binary', maxLength: 3 }), (at, other) => {
        fc.pre(signed.slice(at, at + 1) !== other);
        expect(refused(signed.slice(0, at) + other + signed.slice(at + 1))).toBe(true);
        expect(refused(signed.slice(0, at))).toBe(true);
        expect(refused(other.repeat(at % 9))).toBe(true);
      }),
    );
  });
});
