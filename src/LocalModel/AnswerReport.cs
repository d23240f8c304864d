using System.Text;
using AgentKit.Models.Constraints;
using AgentKit.Models.Constraints.Tokens;
using AgentKit.Models.Engine;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;

namespace AgentKit.Models;

/// <summary>Watches one answer come out, checks it against its contract, and says how it ended.</summary>
internal sealed class AnswerReport(AnswerContract contract, ILogger logger)
{
    private readonly StringBuilder _text = new();
    private readonly List<SchemaError> _errors = [];
    private bool _called;

    /// <summary>What the grammar did not enforce.</summary>
    public IReadOnlyList<SchemaWarning> Warnings => contract.Warnings;

    /// <summary>What does not fit; the path of an error in a call begins with the name of the tool.</summary>
    public IReadOnlyList<SchemaError> Errors => _errors;

    /// <summary>The limit of tokens was near and the answer was brought to its end.</summary>
    public bool ClosedEarly { get; private set; }

    /// <summary>Why the answer ended; known after <see cref="Finish"/>.</summary>
    public ChatFinishReason FinishReason { get; private set; }

    /// <summary>Takes the next contents.</summary>
    public void Add(IReadOnlyList<AIContent> contents)
    {
        foreach (AIContent content in contents)
        {
            if (content is TextContent text)
            {
                _text.Append(text.Text);
            }

            if (content is FunctionCallContent call)
            {
                _called = true;
                Note(contract.CheckCall(call).Select(error => error with { Path = call.Name + error.Path }), $"call of {call.Name}");
            }
        }
    }

    /// <summary>Ends the answer.</summary>
    public void Finish(GenerationEnd end, GrammarConstraint? constraint)
    {
        ClosedEarly = constraint?.ClosedEarly == true;
        Note(_called ? [] : contract.CheckText(_text.ToString()), "answer");
        // A text that nothing can follow is whole, even when the limit left no room for the token that says so.
        bool isCut = end is GenerationEnd.MaxTokens or GenerationEnd.ContextFull && constraint?.IsFinished != true;
        FinishReason = ClosedEarly || isCut ? ChatFinishReason.Length : _called ? ChatFinishReason.ToolCalls : ChatFinishReason.Stop;
    }

    private void Note(IEnumerable<SchemaError> errors, string what)
    {
        foreach (SchemaError error in errors)
        {
            logger.LogWarning("The {What} does not fit its schema: {Error}", what, error);
            _errors.Add(error);
        }
    }
}
