using System.Text;

namespace Synthwave.IntegrationTests.Process;

/// <summary>What a stream has said so far, read to its end from the beginning on. Thread-safe.</summary>
internal sealed class HeardText
{
    private readonly Lock _gate = new();
    private readonly StringBuilder _text = new();
    private TaskCompletionSource _more = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public HeardText(StreamReader reader) => All = ReadAsync(reader);

    /// <summary>All of it, once it has ended.</summary>
    public Task<string> All { get; }

    /// <summary>Waits until it has said <paramref name="words"/>; fails when it ends without.</summary>
    public async Task WhenAsync(string words, TimeSpan patience)
    {
        while (true)
        {
            Task more;
            lock (_gate)
            {
                var text = _text.ToString();
                if (text.Contains(words, StringComparison.Ordinal))
                {
                    return;
                }

                more = All.IsCompleted ? throw new InvalidOperationException($"It ended without '{words}': {text}") : _more.Task;
            }

            await Task.WhenAny(more, All).WaitAsync(patience);
        }
    }

    private async Task<string> ReadAsync(StreamReader reader)
    {
        var buffer = new char[1024];
        int read;
        while ((read = await reader.ReadAsync(buffer)) > 0)
        {
            TaskCompletionSource more;
            lock (_gate)
            {
                _text.Append(buffer, 0, read);
                (more, _more) = (_more, new(TaskCreationOptions.RunContinuationsAsynchronously));
            }

            more.SetResult();
        }

        lock (_gate)
        {
            return _text.ToString();
        }
    }
}
