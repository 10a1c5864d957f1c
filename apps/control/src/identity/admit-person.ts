import { Command, CommandBus, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { Set as PersistentSet } from 'immutable';
import { systemRandom } from '#host';
import { NetfoldError, newId } from '#kernel';
import type { TailnetCommand, TailnetState, User } from '#tailnet';
import { FIRST_OWNER } from '../bootstrap/first-owner.js';
import { ChangeTailnet } from '../commands/change-tailnet.js';
import type { Tailnet } from '../tailnet/tailnet.js';
import type { Person } from './person.js';

/** Somebody whom an issuer has vouched for comes in. */
export class AdmitPerson extends Command<User> {
  /** @param issuer its name @param from the address that the browser is at */
  constructor(
    readonly tailnet: Tailnet,
    readonly person: Person,
    readonly issuer: string,
    readonly from: string,
  ) {
    super();
  }
}

/** Somebody else may change a group at the same time: then it is looked at again, so many times. */
const ATTEMPTS = 5;

/** Makes a user of whoever is new, and brings their groups up to date. The first person of a network is its owner. */
@CommandHandler(AdmitPerson)
export class AdmitPersonHandler implements ICommandHandler<AdmitPerson> {
  constructor(private readonly bus: CommandBus) {}

  /** @throws NetfoldError `user.suspended` */
  async execute(admission: AdmitPerson): Promise<User> {
    const user = await this.#userOf(admission);
    if (user.suspended) throw suspended(user);
    for (let attempt = 1; ; attempt++) {
      try {
        await this.#syncGroups(admission);
        return user;
      } catch (error) {
        const stale = error instanceof NetfoldError && error.code === 'tailnet.stale_revision';
        if (!stale || attempt === ATTEMPTS) throw error;
      }
    }
  }

  async #userOf(admission: AdmitPerson): Promise<User> {
    const { tailnet, person } = admission;
    const known = findUser(tailnet.fold.state, person.login);
    if (known) return this.#named(admission, known);
    const role = hasPeople(tailnet.fold.state) ? 'member' : 'owner';
    const { login, displayName } = person;
    const data = { userId: newId('user', systemRandom), login, displayName, role } as const;
    await this.#change(admission, { type: 'AddUser', data });
    const user = findUser(tailnet.fold.state, login);
    if (user) return user;
    throw new NetfoldError({ code: 'user.unknown', message: `${login} was removed as soon as they had come in` });
  }

  /** Somebody who was added by login alone has a name from when they sign in. */
  async #named(admission: AdmitPerson, user: User): Promise<User> {
    const { displayName } = admission.person;
    if (displayName === '' || displayName === user.displayName) return user;
    try {
      await this.#change(admission, { type: 'NameUser', data: { userId: user.id, displayName } });
      return { ...user, displayName };
    } catch (error) {
      // A name that cannot be written down keeps nobody out.
      if (error instanceof NetfoldError && error.code.startsWith('input.')) return user;
      throw error;
    }
  }

  async #syncGroups(admission: AdmitPerson): Promise<void> {
    const { tailnet, person } = admission;
    if (!person.groups) return;
    const had = tailnet.fold.state.groupsByLogin.get(person.login, PersistentSet<string>());
    const has = PersistentSet(person.groups);
    for (const group of had.union(has)) {
      const { groups, revision } = tailnet.fold.state;
      const members = groups.get(group, PersistentSet<string>());
      const wanted = has.has(group) ? members.add(person.login) : members.delete(person.login);
      if (wanted.equals(members)) continue;
      await this.#change(admission, { type: 'SyncGroup', data: { group, members: [...wanted] } }, revision);
    }
  }

  /** Answers when this process knows of it. */
  async #change(admission: AdmitPerson, command: TailnetCommand, expectedRevision?: number): Promise<void> {
    const { tailnet, issuer, from } = admission;
    const actor = { kind: 'system', id: 'sign-in', name: issuer, from } as const;
    const id = newId('cmd', systemRandom);
    const request = { id, actor, command, ...(expectedRevision !== undefined && { expectedRevision }) };
    const { revision } = await this.bus.execute(new ChangeTailnet(tailnet, request));
    await tailnet.fold.reached(revision);
  }
}

const findUser = (state: TailnetState, login: string): User | undefined =>
  state.users.get(state.userByLogin.get(login) ?? '');

/** Beside the owner whom the first start made up, who is nobody. */
const hasPeople = (state: TailnetState): boolean => state.users.some(({ login }) => login !== FIRST_OWNER);

const suspended = ({ login }: User): NetfoldError =>
  new NetfoldError({
    code: 'user.suspended',
    message: `${login} is suspended`,
    hint: 'ask an admin of the network',
  });
