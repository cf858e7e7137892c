/** Who the bot is; what a mention is compared with. */
export interface Self {
  id: number
  username: string
}
