import { memo, useMemo } from 'react'
import { parseInline } from '../markdown/inline.ts'
import { Inlines } from '../markdown/inlines.tsx'
import { type Block, parseMarkdown } from '../markdown/parse.ts'
import { CodePart } from './code.tsx'
import css from './parts.module.css'

/** Markdown that a tool or a model wrote: the harmless part of it is shown as such, the rest as text. */
export const MarkdownPart = memo(({ text }: { text: string }) => {
  const blocks = useMemo(() => parseMarkdown(text), [text])
  return (
    <div className={css.markdown}>
      <Blocks blocks={blocks} />
    </div>
  )
})
MarkdownPart.displayName = 'MarkdownPart'

function Blocks({ blocks }: { blocks: Block[] }) {
  // biome-ignore lint/suspicious/noArrayIndexKey: blocks never move within one text
  return blocks.map((block, index) => <BlockView key={index} block={block} />)
}

function BlockView({ block }: { block: Block }) {
  switch (block.kind) {
    case 'heading': {
      // The page's own headings are h1 and h2.
      const Heading = `h${Math.min(block.level + 2, 6)}` as 'h3'
      return (
        <Heading data-level={block.level}>
          <Words text={block.text} />
        </Heading>
      )
    }
    case 'paragraph':
      return (
        <p>
          <Words text={block.text} />
        </p>
      )
    case 'code':
      return <CodePart text={block.text} language={block.language} />
    case 'quote':
      return (
        <blockquote>
          <Blocks blocks={block.blocks} />
        </blockquote>
      )
    case 'rule':
      return <hr />
    case 'list':
      return <ListView block={block} />
  }
}

function ListView({ block }: { block: Block & { kind: 'list' } }) {
  const items = block.items.map((item, index) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: as above
    <li key={index}>
      <ItemView blocks={item} />
    </li>
  ))
  return block.ordered ? <ol start={block.start}>{items}</ol> : <ul>{items}</ul>
}

/** The first paragraph of an item stands on the line of its bullet. */
function ItemView({ blocks }: { blocks: Block[] }) {
  const [first, ...rest] = blocks
  if (first?.kind !== 'paragraph') return <Blocks blocks={blocks} />
  return (
    <>
      <Words text={first.text} />
      <Blocks blocks={rest} />
    </>
  )
}

const Words = ({ text }: { text: string }) => <Inlines inlines={parseInline(text)} />
