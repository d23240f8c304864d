using System.Text;
using AgentKit.Kernel.Errors;
using AgentKit.Models.Gguf;
using AgentKit.Testing;
using AgentKit.Training.Data;
using AgentKit.Training.Pretraining;
using AgentKit.Training.Tokenization;

namespace AgentKit.Tests.Training.Tokenization;

/// <summary>The vocabulary trainer against a plain count of everything at every step, and its words and merges against llama.cpp's.</summary>
public sealed class BpeTrainerTests : IDisposable
{
    private const string Story =
        "It's the tale of a fox who'd run 1234 miles.\n\nThe fox ran, the hare ran; they're BOTH fast!!\r\n   Indented\tlines…   \n\n  \n"
        + "naïve café — 北京大学 北京, 東京 \U0001F98A\U0001F98A \U00020000\U00020001 ½ ² ٣٤ 'tis 'LL\n";

    private readonly ScratchFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("It's a 12 fox's\n\n  den", "It|'s| a| |1|2| fox|'s|\n\n| | den")]
    [InlineData("we'LL 'x ''t a.b", "we|'LL| '|x| ''|t| a|.b")]
    [InlineData(" !?\r\n\r\nx  \t ", " !?\r\n\r\n|x|  \t ")]
    [InlineData("a \n b\u00a0\u3000c", "a| \n| b|\u00a0|\u3000c")]
    [InlineData("\U0001F98A\U00020000x½", "\U0001F98A\U00020000x|½")]
    public void Words_OfText_FollowTheRules(string text, string expected) => Assert.Equal(expected.Split('|'), Words(text));

    [Fact]
    public void Train_SmallText_EqualsCountingEverythingAtEveryStep()
    {
        foreach (int seed in Enumerable.Range(0, 20))
        {
            var random = new Random(seed);
            string text = string.Concat(Enumerable.Range(0, 400).Select(_ => "aaaab  bcé.\n"[random.Next(12)])) + Story;
            (int, int)[] expected = [.. Plain(text, 60)];
            Assert.Equal(expected, Train(text, new() { Vocabulary = 256 + 60, Special = [] }).Merges);
        }
    }

    [Fact]
    public void Train_AnyNumberOfThreads_GivesTheSameVocabulary()
    {
        string text = string.Concat(Enumerable.Range(0, 3000).Select(i => $"{Story}line {i * 7919 % 1000}\n"));
        Assert.Equal(Train(text, new() { Vocabulary = 600 }, threads: 1).Merges, Train(text, new() { Vocabulary = 600 }, threads: 4).Merges);
    }

    [Fact]
    public void Train_TooLittleText_HasFewerTokensThanWanted()
    {
        BpeVocabulary vocabulary = Train("aa aa", new() { Vocabulary = 1000 });
        Assert.Equal([('a', 'a')], vocabulary.Merges.Take(1).Select(merge => ((char)merge.Left, (char)merge.Right)));
        Assert.InRange(vocabulary.Count, 256 + 1 + 3, 256 + 3 + 3);
    }

    [Fact]
    public void Read_FileInBlocks_CutsWhereNoWordGoesOn()
    {
        string text = string.Concat(Enumerable.Range(0, 60_000).Select(i => i % 7 == 0 ? "\n\n  word\n" : $"{i}, it's\n"));
        TextBlock[] blocks = [.. Corpus(text).Read()];
        Assert.True(blocks.Length > 1);
        Assert.Equal(text, string.Concat(blocks.Select(block => block.Text)));
        Assert.Equal(Words(text), blocks.SelectMany(block => Words(block.Text)));
        Assert.Equal([.. Enumerable.Repeat(false, blocks.Length - 1), true], blocks.Select(block => block.EndsDocument));
    }

    /// <summary>No line ends at all, words of every kind, characters of two units.</summary>
    [Fact]
    public void Read_OneLongLine_IsReadInBlocksThatNoWordCrosses()
    {
        string[] pieces = ["word", " word", "'s", "'re", "12", " 7", "  ", ",", " — ", "字", "，", "𝒜", "😀", "e\u0301", "\t", " \"", "Ω"];
        var random = new Random(3);
        string text = string.Concat(Enumerable.Range(0, 2_000_000).Select(_ => pieces[random.Next(pieces.Length)]));
        TextBlock[] blocks = [.. Corpus(text).Read()];
        Assert.True(blocks.Length > 4);
        Assert.All(blocks, block => Assert.InRange(block.Text.Length, 0, 2 << 20));
        Assert.Equal(text, string.Concat(blocks.Select(block => block.Text)));
        Assert.Equal(Words(text), blocks.SelectMany(block => Words(block.Text)));
    }

    [Fact]
    public void Read_JsonLines_AreDocuments()
    {
        File.WriteAllText(_folder["rows.jsonl"], "{\"text\":\"one\"}\n\n{\"id\":2,\"text\":\"two\\nlines\"}\n");
        Assert.Equal(["one", "two\nlines"], new TextCorpus([_folder["rows.jsonl"]]).Read().Select(block => block.Text));
    }

    [Theory]
    [InlineData("{\"text\":1}", "line 1 has no field text")]
    [InlineData("{\"text\":\"a\"}\n{", "line 2 is not JSON")]
    [InlineData("{\"text\":\"a\"}\n{\"text\":\"\\ud800\"}", "line 2: the text is not Unicode")]
    public void Read_BadRow_NamesTheLine(string rows, string expected)
    {
        File.WriteAllText(_folder["rows.jsonl"], rows);
        var refused = Assert.Throws<UserInputException>(() => new TextCorpus([_folder["rows.jsonl"]]).Read().Count());
        Assert.Contains(expected, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Train_InvalidUtf8_NamesTheFile()
    {
        File.WriteAllBytes(_folder["bad.txt"], [.. Encoding.UTF8.GetBytes("fine\n"), 0xC3, 0x28]);
        var refused = Assert.Throws<UserInputException>(() => BpeTrainer.Train(new([_folder["bad.txt"]])));
        Assert.Contains("bad.txt is not UTF-8", refused.Message, StringComparison.Ordinal);
    }

    [NativeFact]
    public void Tokens_OfATrainedVocabulary_AreLlamas()
    {
        BpeVocabulary vocabulary = Train(string.Concat(Enumerable.Repeat(Story, 3)) + "the then there they their these", new() { Vocabulary = 500 });
        NewModel.Write(_folder["model.gguf"], "test", new() { Layers = 1, Embedding = 32, Heads = 1, KvHeads = 1, FeedForward = 32 }, vocabulary, seed: 1);
        using ModelVocabulary llama = ModelVocabulary.Open(_folder["model.gguf"]);
        var random = new Random(5);
        for (int i = 0; i < 300; i++)
        {
            string text = i == 0 ? Story : string.Concat(Enumerable.Range(0, 30).Select(_ => Story.EnumerateRunes().ElementAt(random.Next(Story.EnumerateRunes().Count())).ToString()));
            Assert.Equal(Words(text).SelectMany(word => Encode(word, vocabulary)), llama.Tokenizer.Encode(text, addSpecial: false, parseSpecial: false));
        }
    }

    private BpeVocabulary Train(string text, BpeOptions options, int threads = 1) => BpeTrainer.Train(Corpus(text), options, threads);

    private TextCorpus Corpus(string text)
    {
        File.WriteAllText(_folder["text.txt"], text, new UTF8Encoding(false));
        return new([_folder["text.txt"]]);
    }

    private static List<string> Words(string text)
    {
        List<string> words = [];
        for (int at = 0; at < text.Length; at += words[^1].Length) words.Add(text.Substring(at, WordSplitter.First(text.AsSpan(at))));
        return words;
    }

    /// <summary>The algorithm as the paper has it, without any bookkeeping.</summary>
    private static IEnumerable<(int Left, int Right)> Plain(string text, int merges)
    {
        List<List<int>> words = [.. Words(text).Select(word => Encoding.UTF8.GetBytes(word).Select(value => (int)value).ToList())];
        for (int token = 256; token < 256 + merges; token++)
        {
            var pairs = words.SelectMany(word => word.Zip(word.Skip(1))).CountBy(pair => pair).Where(pair => pair.Value >= 2)
                .OrderByDescending(pair => pair.Value).ThenBy(pair => pair.Key.First).ThenBy(pair => pair.Key.Second).ToList();
            if (pairs.Count == 0) yield break;
            (int Left, int Right) best = pairs[0].Key;
            yield return best;
            foreach (List<int> word in words) Merge(word, best, token);
        }
    }

    private static IEnumerable<int> Encode(string word, BpeVocabulary vocabulary)
    {
        List<int> tokens = [.. Encoding.UTF8.GetBytes(word).Select(value => (int)value)];
        for (int i = 0; i < vocabulary.Merges.Count; i++) Merge(tokens, vocabulary.Merges[i], 256 + i);
        return tokens;
    }

    private static void Merge(List<int> word, (int Left, int Right) pair, int token)
    {
        for (int i = 0; i + 1 < word.Count; i++)
        {
            if ((word[i], word[i + 1]) != pair) continue;
            word[i] = token;
            word.RemoveAt(i + 1);
        }
    }
}
