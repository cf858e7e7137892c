import pg from 'pg'

let databases = 0

/** An empty database on a server; it goes with the server, or stays for who gave it. */
export async function newPostgresDatabase(serverUrl: string): Promise<string> {
  const name = `bench_${process.pid}_${++databases}`
  const client = new pg.Client({ connectionString: serverUrl })
  await client.connect()
  await client.query(`CREATE DATABASE ${name}`).finally(() => client.end())
  const url = new URL(serverUrl)
  url.pathname = `/${name}`
  return url.href
}
