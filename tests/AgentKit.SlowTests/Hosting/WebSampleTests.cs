using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using AgentKit.Testing;

namespace AgentKit.SlowTests.Hosting;

/// <summary>The sample web app as a process of its own.</summary>
public sealed class WebSampleTests : IDisposable
{
    private const string Listening = "Now listening on: ";
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly ScratchFolder _data = new();

    public void Dispose() => _data.Dispose();

    [Fact]
    public void Sample_IsShort() => Assert.InRange(Repository.Read("samples", "web", "Program.cs").Split('\n').Length, 10, 41);

    [NativeFact]
    public async Task WebApp_Started_AnswersIsHealthyAndStopsOnASignal()
    {
        using var patience = new CancellationTokenSource(Patience);
        using Process app = Start();
        try
        {
            using var http = new HttpClient { BaseAddress = new Uri(await AddressAsync(app, patience.Token)) };
            foreach (string check in new[] { "live", "ready" })
                Assert.Equal("Healthy", await http.GetStringAsync($"/health/{check}", patience.Token));

            JsonElement run = await AskAsync(http, "What is 347 plus 518?", HttpStatusCode.OK, patience.Token);
            Assert.Equal("347 + 518 = 865.", run.GetProperty("answer").GetString());
            string id = run.GetProperty("run_id").GetString()!;
            Assert.Equal("completed", (await http.GetFromJsonAsync<JsonElement>($"/runs/{id}", patience.Token)).GetProperty("status").GetString());
            Assert.Equal(HttpStatusCode.NotFound, (await http.GetAsync("/runs/none", patience.Token)).StatusCode);
            Assert.Contains("task", (await AskAsync(http, "", HttpStatusCode.BadRequest, patience.Token)).GetProperty("error").GetString(), StringComparison.Ordinal);

            using Process kill = Process.Start("kill", ["-TERM", $"{app.Id}"]);
            await app.WaitForExitAsync(patience.Token);
            Assert.Equal(0, app.ExitCode);
        }
        finally
        {
            if (!app.HasExited) app.Kill(entireProcessTree: true);
        }
    }

    private Process Start()
    {
        // Beside the output of the tests, for the same configuration.
        string configuration = new DirectoryInfo(AppContext.BaseDirectory).Name;
        string program = Repository.PathOf("artifacts", "bin", "AgentKit.Samples.Web", configuration, "AgentKit.Samples.Web.dll");
        var start = new ProcessStartInfo("dotnet", [program, "--urls", "http://127.0.0.1:0", "--model", ShippedModel.Path, "--journal", _data["journal.db"]])
        {
            RedirectStandardOutput = true,
            WorkingDirectory = _data.Path,
        };
        return Process.Start(start)!;
    }

    private static async Task<string> AddressAsync(Process app, CancellationToken stop)
    {
        while (await app.StandardOutput.ReadLineAsync(stop) is { } line)
        {
            int at = line.IndexOf(Listening, StringComparison.Ordinal);
            if (at < 0) continue;
            _ = app.StandardOutput.ReadToEndAsync(stop);
            return line[(at + Listening.Length)..].Trim();
        }

        throw new InvalidOperationException("The app ended before it listened.");
    }

    private static async Task<JsonElement> AskAsync(HttpClient http, string task, HttpStatusCode expected, CancellationToken stop)
    {
        using HttpResponseMessage response = await http.PostAsJsonAsync("/ask", new { task }, stop);
        Assert.Equal(expected, response.StatusCode);
        return await response.Content.ReadFromJsonAsync<JsonElement>(stop);
    }
}
