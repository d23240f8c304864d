using AgentKit.Cli.App;
using AgentKit.Kernel.Runs;

namespace AgentKit.Cli.Runs;

/// <summary>
/// Shows a run while it works: a line for each step as progress, the answer as the result. On a terminal the answer appears as it forms;
/// elsewhere it is written once it is known to be the answer. An answer that has to be checked first is left to the caller.
/// </summary>
internal sealed class RunPrinter(CommandContext context, bool answerIsChecked = false)
{
    private readonly bool _live = context.Screen.PeopleReadStandardOutput && !answerIsChecked;
    private bool _lineIsOpen;

    public void Show(AgentEvent e)
    {
        switch (e)
        {
            case AgentEvent.RunStarted { ToolTokens: { Count: > 0 } tokens }:
                context.Screen.Progress($"[grey]tool schemas take {StepLine.ToolTokens(tokens)}[/]");
                break;
            case AgentEvent.TextDelta delta when _live:
                context.Screen.Write(delta.Text);
                _lineIsOpen = true;
                break;
            case AgentEvent.ModelReplied reply:
                ShowReply(reply);
                break;
            case AgentEvent.ToolCompleted done:
                context.Screen.Progress(StepLine.Tool(new RunStep(
                    done.Step, RunStepKind.Tool, done.Call.Id, done.Call.Name, done.Call.Arguments, done.Result, done.Error,
                    done.Milliseconds)));
                break;
            case AgentEvent.RunFinished { Status: RunStatus.Completed, Answer: { } answer } when !_live && !answerIsChecked:
                context.Screen.WriteLine(answer);
                break;
        }
    }

    private void ShowReply(AgentEvent.ModelReplied reply)
    {
        if (_lineIsOpen) context.Screen.WriteLine();
        _lineIsOpen = false;
        // The answer has just been shown; repeating it in its step's line would be noise.
        string text = _live || reply.Calls.Count == 0 ? "answers" : reply.Text;
        context.Screen.Progress(StepLine.Model(reply.Step, text, reply.Calls.Count, reply.Usage, reply.Milliseconds));
    }
}
