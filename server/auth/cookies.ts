import type { Context } from 'hono'
import { deleteCookie, getCookie, setCookie } from 'hono/cookie'
import type { Config } from '../config.ts'
import type { Env } from '../env.ts'

type Needs = Pick<Config, 'publicUrl'>

const isSecure = ({ publicUrl }: Needs): boolean => publicUrl.startsWith('https:')

/** `__Host-` binds a cookie to this very host, and browsers take it only over https. */
const nameOf = (config: Needs, name: string): string => (isSecure(config) ? `__Host-${name}` : name)

/** Not readable by scripts, and not sent along with what other sites post. */
export function giveCookie(c: Context<Env>, config: Needs, name: string, value: string, expiresAtMs: number): void {
  setCookie(c, nameOf(config, name), value, {
    path: '/',
    httpOnly: true,
    sameSite: 'Lax',
    secure: isSecure(config),
    expires: new Date(expiresAtMs),
  })
}

export const takeCookie = (c: Context<Env>, config: Needs, name: string): string | undefined =>
  getCookie(c, nameOf(config, name))

export function dropCookie(c: Context<Env>, config: Needs, name: string): void {
  deleteCookie(c, nameOf(config, name), { path: '/', secure: isSecure(config) })
}

/** The session of a browser. */
export const SESSION_COOKIE = 'muster'
