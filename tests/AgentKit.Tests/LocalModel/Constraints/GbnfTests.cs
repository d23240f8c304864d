using AgentKit.Kernel.Errors;
using AgentKit.Models.Constraints;

namespace AgentKit.Tests.LocalModel.Constraints;

public class GbnfTests
{
    [Theory]
    [InlineData("root ::= \"a\" [b-d]+ | \"x\"", "ab abcd x", "a axb")]
    [InlineData("root ::= item{2,3}\nitem ::= [0-9] # a digit\n", "12 123", "1 1234")]
    [InlineData("root ::= \"a\"{2} \"b\"{,1} \"c\"{1,}", "aac aabcc", "ac aab aabbc")]
    [InlineData("root ::= (\n  \"yes\" |\n  \"no\"\n) \"!\"?", "yes no yes! no!", "yesno !")]
    [InlineData("root ::= \"a\" |\n  \"b\"\n\nother ::= \"c\"", "a b", "c")]
    [InlineData("root ::= [^a-c\\]\"] .", "xy z]", "ax ]x")]
    [InlineData("root ::= \"\\x41\\u00e9\\U0001F600\\\\\"", "Aé😀\\", "A")]
    [InlineData("root ::= [\\x30-\\x39\\-]+", "1-2", "a")]
    [InlineData("root ::= expr\nexpr ::= term (\"+\" term)*\nterm ::= [0-9]+ | \"(\" expr \")\"", "1 1+2 (1+2)+3", "+ (1 1+")]
    [InlineData("root ::= [日-本]+", "日本", "a")]
    public void FromGbnf_Grammar_MatchesAsWritten(string text, string accepted, string refused)
    {
        var grammar = Grammar.FromGbnf(text);
        Assert.All(accepted.Split(' '), t => Assert.True(grammar.Matches(t), t));
        Assert.All(refused.Split(' '), t => Assert.False(grammar.Matches(t), t));
    }

    [Theory]
    [InlineData("root ::= \"a", "Line 1, column 10")]
    [InlineData("root ::= \"a\"\nitem ::= [a-z", "Line 2, column 10")]
    [InlineData("root ::= (\"a\"", "Line 1, column 10")]
    [InlineData("root ::= \"a\" )", "Line 1, column 14")]
    [InlineData("root = \"a\"", "Line 1, column 6")]
    [InlineData("root ::= \"a\"\n  lost ::= other\n", "Line 2, column 12")]
    [InlineData("root ::= \"\\q\"", "Line 1, column 11")]
    [InlineData("root ::= [z-a]", "Line 1, column 11")]
    [InlineData("root ::= \"a\"{3,2}", "Line 1, column 13")]
    [InlineData("root ::= \"a\"{x}", "Line 1, column 13")]
    [InlineData("root ::= \"a\"{99999999999}", "Line 1, column 14")]
    [InlineData("root ::= \"a\"\nroot ::= \"b\"", "Line 2, column 1")]
    [InlineData("item ::= \"a\"", "no rule 'root'")]
    [InlineData("root ::= <[5]>", "references to tokens")]
    [InlineData("root ::= root \"a\" | \"a\"", "Left recursion: root → root")]
    [InlineData("root ::= a\na ::= \"x\"? b\nb ::= a \"y\" | \"z\"", "a → b → a")]
    public void FromGbnf_Malformed_NamesThePlace(string text, string expected) =>
        Assert.Contains(expected, Assert.Throws<UserInputException>(() => Grammar.FromGbnf(text)).Message, StringComparison.Ordinal);

    [Fact]
    public void FromGbnf_DeepNesting_IsRefusedWithoutCrash() =>
        Assert.Throws<UserInputException>(() => Grammar.FromGbnf("root ::= " + new string('(', 100_000)));

    [Fact]
    public void FromGbnf_RandomText_ThrowsNothingElse()
    {
        string[] pieces = ["root ::= ", "\"a\"", "[a-z]", "(", ")", "|", "*", "+", "?", "{2,3}", "{", "}", "\n", "item", " ::= ", "\\", "\"", "[^", "]", "#", ".", "-", "\\x4", "é", "\uD800", "item ::= \"b\"\n", " "];
        var random = new Random(11);
        var compiled = 0;
        for (var round = 0; round < 4000; round++)
        {
            var text = "root ::= " + string.Concat(Enumerable.Range(0, random.Next(1, 14)).Select(_ => pieces[random.Next(pieces.Length)]));
            try
            {
                Grammar.FromGbnf(text).Matches("aab");
                compiled++;
            }
            catch (UserInputException)
            {
                continue;
            }
        }

        Assert.InRange(compiled, 50, 3990);
    }
}
