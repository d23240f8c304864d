using System.Net;
using System.Text.Json;

namespace AgentKit.Models.Hub;

/// <summary>Asks the hub which files a repository has.</summary>
internal sealed class HubFileList(HubHttp http, HubOptions options, TimeProvider time)
{
    private const int MostPages = 100;
    private const long LongestAnswer = 64 << 20;

    /// <summary>The files; null when the hub has no list of that repository.</summary>
    /// <exception cref="Kernel.Errors.UserInputException">The hub wants a token, or does not allow the repository.</exception>
    /// <exception cref="HubException">The hub answers with something else.</exception>
    public async Task<IReadOnlyList<HubFile>?> ReadAsync(string repository, CancellationToken stop)
    {
        var files = new List<HubFile>();
        Uri? page = http.Address($"api/models/{repository}/tree/{options.Revision}", "?recursive=true");
        for (int pages = 0; page is not null && pages < MostPages; pages++)
        {
            if (await AskAsync(page, repository, stop).ConfigureAwait(false) is not var (json, next)) break;
            files.AddRange(Items(json, repository).Where(IsFile).Select(item => Read(item, "path")));
            page = next;
        }

        if (files.Count > 0) return files;
        Uri info = http.Address($"api/models/{repository}", "?blobs=true");
        return await AskAsync(info, repository, stop).ConfigureAwait(false) is var (document, _)
            && document.ValueKind == JsonValueKind.Object && document.TryGetProperty("siblings", out JsonElement siblings)
                ? [.. Items(siblings, repository).Select(item => Read(item, "rfilename"))]
                : null;
    }

    private async Task<(JsonElement Json, Uri? Next)?> AskAsync(Uri address, string repository, CancellationToken stop)
    {
        var retry = new HubRetry(options, time, _ => { });
        return await retry.RunAsync<(JsonElement, Uri?)?>(async token =>
        {
            using HubAnswer answer = await http.GetAsync(address, null, token).ConfigureAwait(false);
            if (answer.Status == HttpStatusCode.NotFound) return null;
            HubRetry.ThrowIfBusy(answer, time);
            if (http.Refusal(answer.Status, repository, $"repository {repository}") is { } refusal) throw refusal;
            return (await ParseAsync(answer, token).ConfigureAwait(false), NextPage(answer));
        }, stop).ConfigureAwait(false);
    }

    private async Task<JsonElement> ParseAsync(HubAnswer answer, CancellationToken stop)
    {
        if (answer.Response.Content.Headers.ContentLength > LongestAnswer)
            throw new HubException($"{answer.Address.Host} answers with a list of {answer.Response.Content.Headers.ContentLength} bytes; that is not read.");
        try
        {
            await using Stream body = await answer.Response.Content.ReadAsStreamAsync(stop).ConfigureAwait(false);
            using JsonDocument document = await JsonDocument.ParseAsync(body, default, stop).WaitAsync(options.Patience, time, stop).ConfigureAwait(false);
            return document.RootElement.Clone();
        }
        catch (JsonException e)
        {
            throw new HubException($"{answer.Address} does not answer as a hub does ({e.Message.TrimEnd('.')}); check AGENTKIT_HUB or HF_ENDPOINT.", e);
        }
        catch (TimeoutException e)
        {
            throw new HttpRequestException($"{answer.Address.Host} stopped in the middle of its answer", e);
        }
    }

    private static Uri? NextPage(HubAnswer answer)
    {
        if (!answer.Response.Headers.TryGetValues("Link", out IEnumerable<string>? links)) return null;
        string? next = links.SelectMany(link => link.Split(',')).FirstOrDefault(link => link.Contains("rel=\"next\"", StringComparison.Ordinal));
        int start = next?.IndexOf('<', StringComparison.Ordinal) ?? -1, end = next?.IndexOf('>', StringComparison.Ordinal) ?? -1;
        // A page of another host would get the token refused, not sent: see HubHttp.
        return start >= 0 && end > start ? new Uri(answer.Address, next![(start + 1)..end]) : null;
    }

    private JsonElement.ArrayEnumerator Items(JsonElement json, string repository) => json.ValueKind == JsonValueKind.Array
        ? json.EnumerateArray()
        : throw new HubException($"{options.Address.Host} lists {repository} as {json.ValueKind}; an array is expected. Check AGENTKIT_HUB or HF_ENDPOINT.");

    private static bool IsFile(JsonElement item) => Text(item, "type") is null or "file";

    private static HubFile Read(JsonElement item, string pathField)
    {
        JsonElement large = item.ValueKind == JsonValueKind.Object && item.TryGetProperty("lfs", out JsonElement lfs) ? lfs : default;
        string? hash = Text(large, "oid") ?? Text(large, "sha256");
        hash = hash?.StartsWith("sha256:", StringComparison.Ordinal) == true ? hash["sha256:".Length..] : hash;
        return new(Text(item, pathField) ?? "", Number(large, "size") ?? Number(item, "size"), hash?.Length == 64 ? hash.ToLowerInvariant() : null);
    }

    private static string? Text(JsonElement item, string field) =>
        item.ValueKind == JsonValueKind.Object && item.TryGetProperty(field, out JsonElement value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()
            : null;

    private static long? Number(JsonElement item, string field) =>
        item.ValueKind == JsonValueKind.Object && item.TryGetProperty(field, out JsonElement value) && value.ValueKind == JsonValueKind.Number
            && value.TryGetInt64(out long number) && number >= 0
                ? number
                : null;
}
