using System.Text.Json;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;

namespace AgentKit.Tools.Mcp.Serving;

/// <summary>One task of this process.</summary>
internal sealed class BackgroundTask(string id, McpTaskStart start, TimeProvider time, TimeSpan timeToLive)
{
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _cancel = new();
    private readonly Dictionary<string, InputResponse> _answers = start.Answers.ToDictionary();
    private McpTask _view = new(id, McpTaskStatus.Working, time.GetUtcNow(), time.GetUtcNow()) { TimeToLive = timeToLive };
    private JsonElement? _state;

    public string? User => start.User;

    public DateTimeOffset Created => _view.Created;

    /// <summary>The round at work, or the last one.</summary>
    public Task Work { get; private set; } = Task.CompletedTask;

    public McpTask View()
    {
        lock (_gate) return _view;
    }

    public void Run()
    {
        lock (_gate) Work = Task.Run(RunRoundAsync);
    }

    public void Answer(IReadOnlyDictionary<string, InputResponse> answers)
    {
        lock (_gate)
        {
            if (_view.Status is not McpTaskStatus.InputRequired) return;
            foreach ((string key, InputResponse answer) in answers)
            {
                if (_view.Questions.ContainsKey(key)) _answers[key] = answer;
            }

            Dictionary<string, InputRequest> open = _view.Questions.Where(question => !_answers.ContainsKey(question.Key)).ToDictionary();
            if (open.Count == _view.Questions.Count) return;
            Become(_view with { Questions = open });
            if (open.Count > 0) return;
            Become(_view with { Status = McpTaskStatus.Working });
            Work = Task.Run(RunRoundAsync);
        }
    }

    public void Cancel()
    {
        lock (_gate)
        {
            if (_view.Status is McpTaskStatus.Working or McpTaskStatus.InputRequired)
                Become(_view with { Status = McpTaskStatus.Cancelled, Questions = new Dictionary<string, InputRequest>() });
        }

        _cancel.Cancel();
    }

    private async Task RunRoundAsync()
    {
        McpTask end;
        try
        {
            var round = new McpTaskRound(Copy(), _state, OnProgress);
            CallToolResult result = await start.RunAsync(round, _cancel.Token).ConfigureAwait(false);
            end = View() with { Status = McpTaskStatus.Completed, Result = result };
        }
        catch (InputRequiredException e) when (e.Result.InputRequests is { Count: > 0 } questions)
        {
            _state = e.Result.RequestState is { } state ? JsonElement.Parse(state) : null;
            end = View() with { Status = McpTaskStatus.InputRequired, Questions = questions.AsReadOnly() };
        }
        catch (OperationCanceledException) when (_cancel.IsCancellationRequested)
        {
            return;
        }
        catch (McpProtocolException e)
        {
            end = View() with { Status = McpTaskStatus.Failed, Error = new JsonRpcErrorDetail { Code = (int)e.ErrorCode, Message = e.Message } };
        }

        lock (_gate)
        {
            if (_view.Status is not McpTaskStatus.Working) return;
            _answers.Clear();
            Become(end);
        }
    }

    private Dictionary<string, InputResponse> Copy()
    {
        lock (_gate) return new(_answers);
    }

    private void OnProgress(string? message)
    {
        lock (_gate)
        {
            if (_view.Status is McpTaskStatus.Working) Become(_view with { Message = message });
        }
    }

    private void Become(McpTask view) => _view = view with { Updated = time.GetUtcNow() };
}
