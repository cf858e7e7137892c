import { randomInt } from 'node:crypto'
import type { User } from 'grammy/types'
import type { UserRef } from '../types.ts'
import type { ChatRecord, Standing } from '../world/chat.ts'
import type { World } from '../world/world.ts'

export interface NewUser {
  readonly id?: number
  readonly firstName: string
  readonly lastName?: string
  readonly username?: string
  readonly languageCode?: string
  readonly isBot?: boolean
}

export interface NewGroup {
  readonly title: string
  /** The first one is its owner. */
  readonly members: readonly UserRef[]
  readonly administrators?: readonly UserRef[]
  readonly isForum?: boolean
  /** Only supergroups have one. */
  readonly username?: string
  /** What the bot already is there; `left` for a group it is yet to be added to. */
  readonly bot?: Standing
}

export function addUser(world: World, given: NewUser): User {
  // Past 32 bits, as new accounts are.
  const id = given.id ?? 5_000_000_000 + randomInt(2_000_000_000)
  if (world.users.has(id)) throw new Error(`user ${id} is there already`)
  const user: User = {
    id,
    is_bot: given.isBot ?? false,
    first_name: given.firstName,
    ...(given.lastName === undefined ? {} : { last_name: given.lastName }),
    ...(given.username === undefined ? {} : { username: given.username }),
    ...(given.languageCode === undefined ? {} : { language_code: given.languageCode }),
  }
  world.users.set(id, user)
  return user
}

/** A chat the user has opened with the bot; asking again gives the same one. */
export function openPrivate(world: World, ref: UserRef): ChatRecord {
  const user = world.userOf(ref)
  const there = world.chats.get(user.id)
  if (there) return there
  const members = new Map<number, Standing>([[user.id, 'member']])
  return world.addChat({ id: user.id, type: 'private', firstName: user.first_name, username: user.username, members })
}

export function addGroup(world: World, type: 'group' | 'supergroup', given: NewGroup): ChatRecord {
  const members = new Map<number, Standing>()
  for (const [at, ref] of given.members.entries()) members.set(world.userOf(ref).id, at === 0 ? 'creator' : 'member')
  for (const ref of given.administrators ?? []) members.set(world.userOf(ref).id, 'administrator')
  const isSuper = type === 'supergroup' || given.isForum === true
  if (!isSuper && given.username !== undefined) throw new Error('a basic group has no username')
  const chat = world.addChat({
    id: freshId(world, isSuper),
    type: isSuper ? 'supergroup' : 'group',
    title: given.title,
    username: given.username,
    isForum: given.isForum ?? false,
    bot: given.bot ?? 'member',
    members,
  })
  return chat
}

export function freshId(world: World, isSuper: boolean): number {
  const id = isSuper ? -1_000_000_000_000 - randomInt(1e9, 4e9) : -randomInt(1e8, 2e9)
  return world.chats.has(id) ? freshId(world, isSuper) : id
}
