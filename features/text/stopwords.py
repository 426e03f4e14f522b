"""Words that say nothing about what a text is about, in English and Chinese."""

__all__ = ["CHINESE", "ENGLISH", "STOP_WORDS"]

ENGLISH = frozenset(
    """
    a about above after again against all also am an and any are aren't as at be because been
    before being below between both but by can can't cannot could couldn't did didn't do does
    doesn't doing don't down during each even ever every few for from further get gets getting got
    had hadn't has hasn't have haven't having he her here hers him his how i i'd i'll i'm i've if
    in into is isn't it its just let like made make makes many may me might more most much must my
    myself never no nor not now of off on once one only onto or other our ours out over own per
    please quite rather really said same say says she should shouldn't since so some still such
    than that the their theirs them then there these they they're this those though through to too
    under until up upon us very was wasn't we we're we've well went were weren't what when where
    whether which while who whom whose why will with within without won't would wouldn't yes yet
    you you're your yours
    """.split()  # noqa: SIM905 (a list of words reads best as words)
)
"""Own list: articles, pronouns, auxiliaries, prepositions and fillers."""

CHINESE = frozenset(
    """
    的 了 和 是 在 我 有 也 就 不 人 都 一 一个 上 很 到 说 要 去 你 会 着 没有 没 看 好 自己 这 那
    他 她 它 我们 你们 他们 她们 它们 这个 那个 这些 那些 这样 那样 这里 那里 什么 怎么 怎样 为什么
    谁 哪 哪里 哪个 几 多少 与 及 或 或者 而 而且 但 但是 可是 不过 因为 所以 因此 如果 虽然 然后 还
    还是 还有 又 再 才 只 只是 已 已经 正在 曾 将 把 被 让 给 对 对于 关于 从 由 向 跟 同 比 为 为了
    以 以及 于 之 其 此 每 各 某 个 些 吗 呢 吧 啊 呀 哦 嗯 哈 啦 嘛 请 请问 您 能 可以 可能 应该
    需要 想 觉得 真 真的 非常 太 更 最 比较 十分 特别 一下 一点 一些 一直 起来 出来 下 里 中 后 前
    时 时候 地 得 过 等 做 用 来 给我 我的 你的 他的 是不是 有没有 不是 不会 不能 就是 都是
    也是 也不 的是
    """.split()  # noqa: SIM905 (a list of words reads best as words)
)
"""Own list: particles, pronouns, conjunctions, auxiliaries and fillers."""

STOP_WORDS = ENGLISH | CHINESE
"""Both lists."""
