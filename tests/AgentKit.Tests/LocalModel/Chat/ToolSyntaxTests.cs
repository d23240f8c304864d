using AgentKit.Models.Chat;
using AgentKit.Models.Templates;

namespace AgentKit.Tests.LocalModel.Chat;

public class ToolSyntaxTests
{
    [Fact]
    public void Derive_JsonBetweenMarks_FindsMarksFieldsAndReasoning()
    {
        var syntax = Derive(SampleTemplates.Json);
        Assert.Equal(ToolCallStyle.JsonNative, syntax.Style);
        Assert.Equal(
            [
                new CallPiece(CallPieceKind.Literal, "\n<call>\n{\"name\": \""), new CallPiece(CallPieceKind.FunctionName),
                new CallPiece(CallPieceKind.Literal, "\", \"arguments\": "), new CallPiece(CallPieceKind.Arguments),
                new CallPiece(CallPieceKind.Literal, "}\n</call>"),
            ],
            syntax.Call);
        Assert.True(syntax.ParallelCalls);
        Assert.Equal(("name", "arguments"), (syntax.NameField, syntax.ArgumentsField));
        Assert.Equal(("<think>\n", "\n</think>\n\n"), (syntax.ReasoningStart, syntax.ReasoningEnd));
        Assert.Equal("<|assistant|>", syntax.GenerationPrompt);
    }

    [Fact]
    public void Derive_NameInMark_FindsSectionAndId()
    {
        var syntax = Derive(SampleTemplates.TagWithJson);
        Assert.Equal(ToolCallStyle.TagWithJson, syntax.Style);
        Assert.Equal(("<calls>", "</calls>", ""), (syntax.SectionStart, syntax.SectionEnd, syntax.CallSeparator));
        Assert.Equal(
            [
                new CallPiece(CallPieceKind.Literal, "<call id=\""), new CallPiece(CallPieceKind.CallId),
                    new CallPiece(CallPieceKind.Literal, "\" name=\""),
                new CallPiece(CallPieceKind.FunctionName), new CallPiece(CallPieceKind.Literal, "\">"),
                    new CallPiece(CallPieceKind.Arguments),
                new CallPiece(CallPieceKind.Literal, "</call>"),
            ],
            syntax.Call);
    }

    [Fact]
    public void Derive_TaggedArguments_FindsTheirMarks()
    {
        var syntax = Derive(SampleTemplates.Tagged);
        Assert.Equal(ToolCallStyle.TagWithTaggedArguments, syntax.Style);
        var argument = syntax.TaggedArgument!;
        Assert.Equal(("\n<parameter=", ">\n", "\n</parameter>"), (argument.Start, argument.KeyEnd, argument.End));
        Assert.Empty(argument.TypedKeyEnds);
    }

    [Fact]
    public void Derive_NoTools_FindsNone() => Assert.Equal(ToolCallStyle.None, Derive(SampleTemplates.Plain).Style);

    [Fact]
    public void Capabilities_OfTemplates_AreFound()
    {
        Assert.True(Format(SampleTemplates.Json).Capabilities is { SystemRole: true, Tools: true, ParallelToolCalls: true,
            ThinkingSwitch: true, StringArguments: false });
        Assert.True(Format(SampleTemplates.TagWithJson).Capabilities is { StringArguments: true, Tools: false, ToolCalls: true });
        Assert.True(Format(SampleTemplates.Tagged).Capabilities is { SystemRole: false, ToolResults: true });
        Assert.True(Format(SampleTemplates.Bare).Capabilities is { ParallelToolCalls: false, ToolCalls: true });
    }

    [Fact]
    public void For_SameTemplate_IsCached() => Assert.Same(Format(SampleTemplates.Bare), Format(SampleTemplates.Bare));

    [Fact]
    public void GrammarParts_SectionOfCalls_GiveTriggerAndPieces()
    {
        var parts = ToolCallGrammarParts.From(Derive(SampleTemplates.TagWithJson))!;
        Assert.Equal(["<calls>"], parts.Triggers);
        Assert.Equal(("<calls>", "</calls>", ""), (parts.SectionStart, parts.SectionEnd, parts.CallSeparator));
    }

    [Fact]
    public void GrammarParts_CallsWithoutSection_SeparateCallsAsTheTemplateDoes()
    {
        var parts = ToolCallGrammarParts.From(Derive(SampleTemplates.Json))!;
        Assert.Equal(["<call>"], parts.Triggers);
        Assert.Equal("<call>\n{\"name\": \"", parts.Call[0].Text);
        Assert.Equal("\n", parts.CallSeparator);
    }

    [Fact]
    public void GrammarParts_Filler_IsLeftOut()
    {
        var syntax = new ToolSyntax
        {
            Style = ToolCallStyle.TagWithJson,
            Call = [new(CallPieceKind.Literal, "to="), new(CallPieceKind.FunctionName), new(CallPieceKind.Filler), new(CallPieceKind.Literal, "|")],
        };
        Assert.DoesNotContain(ToolCallGrammarParts.From(syntax)!.Call, piece => piece.Kind == CallPieceKind.Filler);
    }

    [Fact]
    public void GrammarParts_BareOrNoCalls_HaveNoTrigger()
    {
        Assert.Empty(ToolCallGrammarParts.From(Derive(SampleTemplates.Bare))!.Triggers);
        Assert.Null(ToolCallGrammarParts.From(Derive(SampleTemplates.Bare))!.CallSeparator);
        Assert.Null(ToolCallGrammarParts.From(Derive(SampleTemplates.Plain)));
    }

    private static ChatFormat Format(string template) => ChatFormat.For(ChatTemplate.Parse(template));

    private static ToolSyntax Derive(string template) => Format(template).ToolSyntax;
}
