using System.Text;
using AgentKit.Models.Engine;

namespace AgentKit.Tests.Models.Engine;

public sealed class TextAssemblerTests
{
    [Fact]
    public void Push_CharacterInPieces_AppearsWhole()
    {
        TextAssembler text = new([]);
        byte[] bytes = Encoding.UTF8.GetBytes("é😀!");
        StringBuilder seen = new();
        foreach (byte one in bytes)
        {
            string piece = text.Push([one]);
            Assert.DoesNotContain('\uFFFD', piece);
            seen.Append(piece);
        }

        Assert.Equal("é😀!", seen.ToString());
        Assert.Equal("", text.Finish());
    }

    [Fact]
    public void Finish_HalfACharacter_BecomesTheReplacementCharacter()
    {
        TextAssembler text = new([]);
        Assert.Equal("a", text.Push([(byte)'a', 0xC3]));
        Assert.Equal("\uFFFD", text.Finish());
    }

    [Fact]
    public void Push_StopTextAcrossPieces_IsCutOff()
    {
        TextAssembler text = new(["END", "STOP"]);
        Assert.Equal("one ", text.Push("one S"u8));
        Assert.Equal("", text.Push("TO"u8));
        Assert.Equal("", text.Push("P two"u8));
        Assert.True(text.Stopped);
        Assert.Equal("", text.Push("three"u8));
        Assert.Equal("", text.Finish());
    }

    [Fact]
    public void Push_BeginningOfAStopTextThatGoesOnOtherwise_IsReleased()
    {
        TextAssembler text = new(["aab"]);
        Assert.Equal("", text.Push("aa"u8));
        Assert.Equal("a", text.Push("a"u8));
        Assert.Equal("aac", text.Push("c"u8));
        Assert.Equal("", text.Push("a"u8));
        Assert.Equal("a", text.Finish());
        Assert.False(text.Stopped);
    }

    [Fact]
    public void Push_AnyCutting_GivesTheTextBeforeTheFirstStop()
    {
        Random random = new(11);
        string[] stops = ["ab", "bca", "ccc"];
        for (int round = 0; round < 2_000; round++)
        {
            string whole = new([.. Enumerable.Range(0, random.Next(1, 30)).Select(_ => (char)('a' + random.Next(3)))]);
            int stop = stops.Select(s => whole.IndexOf(s, StringComparison.Ordinal)).Where(i => i >= 0).DefaultIfEmpty(whole.Length).Min();
            TextAssembler text = new(stops);
            StringBuilder seen = new();
            for (int i = 0; i < whole.Length;)
            {
                int length = Math.Min(random.Next(1, 6), whole.Length - i);
                seen.Append(text.Push(Encoding.UTF8.GetBytes(whole.Substring(i, length))));
                i += length;
            }

            Assert.Equal(whole[..stop], seen.Append(text.Finish()).ToString());
        }
    }
}
