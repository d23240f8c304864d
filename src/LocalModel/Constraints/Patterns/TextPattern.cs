using System.Text.RegularExpressions;
using AgentKit.Kernel.Errors;
using AgentKit.Models.Constraints.Automata;

namespace AgentKit.Models.Constraints.Patterns;

/// <summary>A regular expression of a schema: an automaton where it can be one, otherwise only a check of finished texts.</summary>
internal sealed class TextPattern
{
    private static readonly TimeSpan LongestCheck = TimeSpan.FromSeconds(1);

    private readonly Regex? regex;

    private TextPattern(string source, Dfa? automaton, Regex? regex, string? unsupported) =>
        (Source, Automaton, this.regex, Unsupported) = (source, automaton, regex, unsupported);

    internal string Source { get; }

    /// <summary>The texts in which the expression is found; <c>null</c> when no automaton can say.</summary>
    internal Dfa? Automaton { get; }

    /// <summary>What the automaton could not do.</summary>
    internal string? Unsupported { get; }

    /// <exception cref="UserInputException">The text is no regular expression.</exception>
    internal static TextPattern Parse(string source, string path)
    {
        try
        {
            return new TextPattern(source, PatternAutomaton.Build(PatternParser.Parse(source)), null, null);
        }
        catch (FormatException error)
        {
            throw new UserInputException(path, $"The pattern '{source}' is no regular expression: {error.Message}.", error);
        }
        catch (UnsupportedPatternException error)
        {
            return new TextPattern(source, null, Compile(source, path), error.Message);
        }
    }

    /// <summary>
    /// Whether the expression is found in <paramref name="text"/>. A check that takes longer than a second counts as not found.
    /// </summary>
    internal bool Matches(string text)
    {
        if (Automaton is not null)
            return Automaton.Matches(text);
        try
        {
            return regex!.IsMatch(text);
        }
        catch (RegexMatchTimeoutException)
        {
            return false;
        }
    }

    private static Regex Compile(string source, string path)
    {
        try
        {
            return new Regex(source, RegexOptions.CultureInvariant, LongestCheck);
        }
        catch (ArgumentException error)
        {
            throw new UserInputException(path, $"The pattern '{source}' is no regular expression: {error.Message}", error);
        }
    }
}
