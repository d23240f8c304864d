using AgentKit.Models.Chat;
using AgentKit.Models.Constraints;
using AgentKit.Models.Constraints.Automata;
using AgentKit.Models.Constraints.Tokens;

namespace AgentKit.Models;

/// <summary>The grammar of a whole answer: reasoning where the model reasons, then calls or a value that fits a schema.</summary>
/// <param name="syntax">How the model writes.</param>
/// <param name="vocabulary">The model's tokens.</param>
/// <param name="opened">What the prompt has already written of the answer; see <see cref="PromptTail"/>.</param>
internal sealed class AnswerGrammar(ToolSyntax syntax, TokenVocabulary vocabulary, string opened)
{
    private const int MostMarks = 4;

    private readonly ParserMarkers _markers = new(syntax);

    private bool IsReasoning => syntax.HasReasoning
        && opened.LastIndexOf(_markers.ReasoningEnd, StringComparison.Ordinal) < OpeningOfReasoning();

    /// <summary>The answer must be calls, or calls or a value, or a value.</summary>
    public GrammarExpression Required(ToolCallGrammar? calls, GrammarExpression? value)
    {
        List<GrammarExpression> endings = [];
        if (calls is not null)
        {
            endings.Add(Grammar.Sequence(Marks(), calls.Section(IsReasoning ? "" : WrittenCall())));
        }

        if (value is not null)
        {
            endings.Add(Grammar.Sequence(Marks(), Optional(syntax.ContentStart), value, Optional(syntax.ContentEnd)));
        }

        return AfterReasoning(Grammar.Choice([.. endings]), CanOpenReasoning());
    }

    /// <summary>The answer may hold calls.</summary>
    public GrammarExpression Free(ToolCallGrammar calls)
    {
        if (!IsReasoning && WrittenCall() is { Length: > 0 } written)
        {
            string content = syntax.ContentStart.StartsWith(written, StringComparison.Ordinal) ? syntax.ContentStart[written.Length..] : "";
            GrammarExpression text = Grammar.Sequence(Mark(content), calls.Within());
            return Grammar.Choice(calls.Section(written), content.Length > 0 ? text : Grammar.Choice());
        }

        // What looks like a call inside of reasoning is none: the parser reads none there, and the model must be free to mention it.
        return syntax.HasReasoning
            ? Grammar.Choice(AfterReasoning(calls.Within(), mayOpen: true), IsReasoning ? FreeText.Without([End]) : Grammar.Choice())
            : calls.Within();
    }

    private byte[] End => vocabulary.Spell(_markers.ReasoningEnd);

    /// <summary>A model that reasons does so before it answers; cutting that off would cost it its plan.</summary>
    private GrammarExpression AfterReasoning(GrammarExpression rest, bool mayOpen)
    {
        if (!syntax.HasReasoning)
        {
            return rest;
        }

        GrammarExpression reasoning = Grammar.Sequence(FreeText.UpTo([End], 0), Blank(), rest);
        return IsReasoning ? reasoning
            : mayOpen && _markers.ReasoningStart.Length > 0 ? Grammar.Choice(rest, Grammar.Sequence(Mark(_markers.ReasoningStart), reasoning))
            : rest;
    }

    /// <summary>
    /// A model that was trained to reason has a token for the mark. Where the answer is not free, letting another spell it out would only lead
    /// astray one that was about to write something else.
    /// </summary>
    private bool CanOpenReasoning()
    {
        byte[] mark = vocabulary.Spell(_markers.ReasoningStart);
        return mark.Length > 0 && vocabulary.LongestAt(mark) is var token and >= 0 && vocabulary.Piece(token).Length == mark.Length;
    }

    private int OpeningOfReasoning() => _markers.ReasoningStart.Length > 0
        ? opened.LastIndexOf(_markers.ReasoningStart, StringComparison.Ordinal)
        : syntax.ForcedOpenReasoning ? 0 : -1;

    /// <summary>The mark of a call, when the prompt ends with it.</summary>
    private string WrittenCall() =>
        _markers.Call.Length > 0 && opened.TrimEnd().EndsWith(_markers.Call, StringComparison.Ordinal) ? _markers.Call : "";

    /// <summary>Headers that the model may write in front of what counts.</summary>
    private GrammarExpression Marks()
    {
        GrammarExpression[] marks = [.. syntax.Ignored.Where(text => !text.Contains('*')).Select(Mark)];
        return marks.Length == 0 ? Grammar.Literal("") : Grammar.Repeat(Grammar.Choice([.. marks, Grammar.Literal(" ")]), 0, MostMarks);
    }

    private GrammarExpression Optional(string text) => text.Length == 0 ? Grammar.Literal("") : Grammar.Optional(Mark(text.Trim()));

    private GrammarExpression Mark(string text) => new GrammarExpression.Bytes(vocabulary.Spell(text));

    private static GrammarExpression Blank() => Grammar.Repeat(Grammar.OneOf(" \n"), 0, 4);
}
