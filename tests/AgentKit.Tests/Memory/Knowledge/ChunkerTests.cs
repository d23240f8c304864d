using System.Text;
using AgentKit.Memory.Knowledge.Chunking;
using AgentKit.Memory.Knowledge.Reading;

namespace AgentKit.Tests.Memory.Knowledge;

public class ChunkerTests
{
    private static readonly ChunkingOptions Small = new() { MaxTokens = 40, OverlapTokens = 12 };

    [Fact]
    public void Cut_Markdown_NeverCrossesAHeadingAndKeepsItsPath()
    {
        const string Text = "# A\n\nintro text\n\n## B\n\nbody of b\n\n## C\n\n### D\n\ndeep";
        Assert.Equal(
            [("A", "# A\n\nintro text"), ("A > B", "## B\n\nbody of b"), ("A > C > D", "## C\n\n### D\n\ndeep")],
            Chunks(MarkdownReader.Read(Text), Small));
    }

    [Fact]
    public void Cut_LongProse_StaysWithinTheLimitAndOverlapsAtSentences()
    {
        string text = string.Concat(Enumerable.Range(0, 50).Select(i => $"Sentence number {i} says a few things. "));
        ReadDocument document = PlainTextReader.Read(text);
        List<Chunk> chunks = new Chunker(Small, TokenEstimate.Count).Cut(document);
        Assert.True(chunks.Count > 5);
        Assert.All(chunks, chunk => Assert.InRange(TokenEstimate.Count(text.AsSpan(chunk.Start, chunk.End - chunk.Start)), 1, Small.MaxTokens));
        foreach ((Chunk before, Chunk next) in chunks.Zip(chunks.Skip(1)))
        {
            Assert.True(next.Start < before.End && next.Start > before.Start, "chunks overlap and go on");
            Assert.StartsWith("Sentence number", text[next.Start..], StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Cut_WithRoomForTitleAndHeadings_LeavesItToThem()
    {
        string words = string.Concat(Enumerable.Repeat("Some plain words stand here. ", 60));
        ReadDocument document = MarkdownReader.Read($"# Title of a few words\n\n{words}\n\n## {new string('h', 100)}\n\n{words}");
        foreach (Chunk chunk in new Chunker(new ChunkingOptions { MaxTokens = 100 }, TokenEstimate.Count, 110).Cut(document, "Title of a few words"))
        {
            string text = $"Title of a few words\n{chunk.Heading}\n{document.Text[chunk.Start..chunk.End]}";
            Assert.InRange(TokenEstimate.Count(text), 1, 110);
        }
    }

    [Theory]
    [InlineData("x")]
    [InlineData("word ")]
    [InlineData("漢")]
    [InlineData("\U0001F600")]
    [InlineData("a.b;c,")]
    public void Cut_OneEndlessLine_CoversAllOfItWithinTheLimit(string unit)
    {
        string text = new StringBuilder().Insert(0, unit, 20_000).ToString().Trim();
        List<Chunk> chunks = new Chunker(Small with { OverlapTokens = 0 }, TokenEstimate.Count).Cut(PlainTextReader.Read(text));
        Assert.Equal(text.Replace(" ", ""), string.Concat(chunks.Select(chunk => text[chunk.Start..chunk.End])).Replace(" ", ""));
        Assert.All(chunks, chunk => Assert.InRange(TokenEstimate.Count(text.AsSpan(chunk.Start, chunk.End - chunk.Start)), 1, Small.MaxTokens));
        Assert.All(chunks, chunk => Assert.False(char.IsLowSurrogate(text[chunk.Start])));
    }

    [Fact]
    public void Cut_AnyText_LosesNothingButBlanks()
    {
        var random = new Random(7);
        for (int round = 0; round < 200; round++)
        {
            string text = string.Concat(Enumerable.Range(0, random.Next(200)).Select(_ => Piece(random)));
            ReadDocument document = round % 2 == 0 ? MarkdownReader.Read(text) : CodeReader.Read(text);
            bool[] covered = new bool[text.Length];
            foreach (Chunk chunk in new Chunker(Small, TokenEstimate.Count).Cut(document))
            {
                Assert.InRange(TokenEstimate.Count(text.AsSpan(chunk.Start, chunk.End - chunk.Start)), 1, Small.MaxTokens);
                Array.Fill(covered, true, chunk.Start, chunk.End - chunk.Start);
            }

            Assert.DoesNotContain(Enumerable.Range(0, text.Length), i => !covered[i] && !char.IsWhiteSpace(text[i]));
        }
    }

    [Theory]
    [InlineData("See Fig. 3 of Dr. Smith. Then go on.", 2)]
    [InlineData("Version 3.5 is out! Is it? Yes.", 3)]
    [InlineData("J. R. Smith wrote this. \"It works.\" He left.", 3)]
    [InlineData("これは文です。次の文です。", 2)]
    [InlineData("no end", 1)]
    public void End_OfSentences_AreFound(string text, int expected)
    {
        int count = 0;
        for (int at = 0; at < text.Length; at = Sentences.End(text, at)) count++;
        Assert.Equal(expected, count);
    }

    private static IEnumerable<(string Heading, string Text)> Chunks(ReadDocument document, ChunkingOptions options) =>
        new Chunker(options, TokenEstimate.Count).Cut(document).Select(chunk => (chunk.Heading, document.Text[chunk.Start..chunk.End]));

    private static string Piece(Random random) => random.Next(12) switch
    {
        0 => "\n\n",
        1 => "\n# Title " + random.Next(9) + "\n",
        2 => "\n## Part\n",
        3 => "```\n",
        4 => "| a | b |\n",
        5 => "public class Some" + random.Next(9) + " {\n",
        6 => "    def run(x):\n",
        7 => ". ",
        8 => "---\n",
        9 => new string('y', random.Next(300)),
        _ => "word" + random.Next(99) + " ",
    };
}
