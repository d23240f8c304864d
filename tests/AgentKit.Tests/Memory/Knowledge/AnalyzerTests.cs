using AgentKit.Memory.Knowledge.Terms;

namespace AgentKit.Tests.Memory.Knowledge;

public class AnalyzerTests
{
    [Theory]
    [InlineData("The cats ARE running", "cat run")]
    [InlineData("Über Café Łódź", "uber cafe lodz")]
    [InlineData("e\u0301cole", "ecol")]
    [InlineData("SearchFilesTool", "searchfilestool search file tool")]
    [InlineData("HTTPServer", "httpserver http server")]
    [InlineData("read_file2 3.14", "read file2 3 14")]
    [InlineData("don't", "don")]
    [InlineData("東京都", "東京 京都")]
    [InlineData("猫 cat", "猫 cat")]
    [InlineData("to be or not to be", "")]
    [InlineData("", "")]
    public void TermsOf_Text_AreFoldedStemmedAndSplit(string text, string expected) =>
        Assert.Equal(expected, string.Join(' ', Analyzer.TermsOf(text)));

    // Pairs from the examples in Porter's paper, whole words through all steps.
    [Theory]
    [InlineData("caresses", "caress")]
    [InlineData("ponies", "poni")]
    [InlineData("agreed", "agre")]
    [InlineData("plastered", "plaster")]
    [InlineData("motoring", "motor")]
    [InlineData("conflated", "conflat")]
    [InlineData("hopping", "hop")]
    [InlineData("falling", "fall")]
    [InlineData("filing", "file")]
    [InlineData("happy", "happi")]
    [InlineData("sky", "sky")]
    [InlineData("relational", "relat")]
    [InlineData("vietnamization", "vietnam")]
    [InlineData("sensitiviti", "sensit")]
    [InlineData("electrical", "electr")]
    [InlineData("goodness", "good")]
    [InlineData("adjustment", "adjust")]
    [InlineData("adoption", "adopt")]
    [InlineData("probate", "probat")]
    [InlineData("rate", "rate")]
    [InlineData("controll", "control")]
    [InlineData("roll", "roll")]
    [InlineData("generalizations", "gener")]
    [InlineData("oscillators", "oscil")]
    public void Stem_EnglishWord_IsPorters(string word, string stem)
    {
        char[] letters = word.ToCharArray();
        Assert.Equal(stem, new string(letters, 0, PorterStemmer.Stem(letters)));
    }

    [Fact]
    public void TermsOf_AHugeWord_KeepsItsBeginning() => Assert.Equal(64, Assert.Single(Analyzer.TermsOf(new string('x', 100_000))).Length);
}
