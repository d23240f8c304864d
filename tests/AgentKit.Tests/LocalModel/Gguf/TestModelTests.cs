using AgentKit.Models.Gguf;
using AgentKit.Tests.Support.Gguf;

namespace AgentKit.Tests.Models.Gguf;

public class TestModelTests
{
    [Fact]
    public void CreateBytes_SameSeed_GivesSameBytes()
    {
        Assert.Equal(TestModel.CreateBytes(seed: 3), TestModel.CreateBytes(seed: 3));
        Assert.NotEqual(TestModel.CreateBytes(seed: 3), TestModel.CreateBytes(seed: 4));
    }

    [Theory]
    [InlineData(300)]
    [InlineData(32_000)]
    [InlineData(152_000)]
    public void Create_AnyVocabulary_HasDistinctTokensAndUsableMerges(int size)
    {
        var vocabulary = TestVocabulary.Create(size, seed: 1);
        var tokens = vocabulary.Tokens.ToHashSet();
        Assert.Equal(size, vocabulary.Tokens.Count);
        Assert.Equal(size, tokens.Count);
        Assert.Equal(size, vocabulary.Types.Length);
        Assert.Equal("<|im_end|>", vocabulary.Tokens[(int)vocabulary.IdOf(TestVocabulary.ImEnd)]);
        Assert.All(vocabulary.Merges, merge =>
        {
            string[] parts = merge.Split(' ');
            Assert.True(tokens.Contains(parts[0]) && tokens.Contains(parts[1]) && tokens.Contains(parts[0] + parts[1]), merge);
        });
    }

    [Fact]
    public void BytesOf_ByteSymbols_AreAllBytes() =>
        Assert.Equal(Enumerable.Range(0, 256).Select(b => (byte)b), TestVocabulary.Create(300, 1).Tokens.Take(256).SelectMany(TestVocabulary.BytesOf).Order());

    [Fact]
    public void Mutate_SameSeed_GivesSameVariants()
    {
        var original = TestModel.CreateBytes();
        var first = GgufMutator.Mutate(original, 40, seed: 9).ToArray();
        var second = GgufMutator.Mutate(original, 40, seed: 9).ToArray();
        Assert.Equal(first.Select(v => v.Name), second.Select(v => v.Name));
        Assert.All(first.Zip(second), pair => Assert.Equal(pair.First.Bytes, pair.Second.Bytes));
    }

    [Fact]
    public void Parse_ThenToBytes_GivesTheSameFile()
    {
        var original = TestModel.CreateBytes(new() { Type = GgmlType.Q8_0 });
        Assert.Equal(original, RawGguf.Parse(original).ToBytes());
    }
}
